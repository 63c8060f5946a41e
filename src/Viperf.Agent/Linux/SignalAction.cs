namespace Viperf.Agent.Linux;

/// <summary><c>struct sigaction</c> of glibc and musl on 64-bit machines.</summary>
internal unsafe struct SignalAction
{
    /// <summary>SA_SIGINFO: the handler takes three arguments.</summary>
    public const int SA_SIGINFO = 4;

    /// <summary>SA_ONSTACK: it runs on the thread's signal stack.</summary>
    public const int SA_ONSTACK = 0x0800_0000;

    /// <summary>SA_RESTART: calls that it interrupts go on.</summary>
    public const int SA_RESTART = 0x1000_0000;

    /// <summary>SA_NODEFER: the signal may come again before the handler ends.</summary>
    public const int SA_NODEFER = 0x4000_0000;

    /// <summary>SA_RESETHAND: it is for one signal.</summary>
    public const int SA_RESETHAND = unchecked((int)0x8000_0000);

    /// <summary>SIG_DFL: what the kernel does by itself.</summary>
    public const nint SIG_DFL = 0;

    /// <summary>SIG_IGN: nothing.</summary>
    public const nint SIG_IGN = 1;

    public nint Handler;
    public fixed ulong Mask[16];
    public int Flags;
    public nint Restorer;

    /// <summary>True if the program's own code handles the signal.</summary>
    public bool HasHandler => Handler is not SIG_DFL and not SIG_IGN;
}
