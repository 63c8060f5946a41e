using System.Runtime.InteropServices;

namespace Viperf.Core.Linux;

/// <summary>
/// Turns SIGINT and SIGTERM into bytes of a pipe, so that one wait covers them and everything else. While it lives
/// they do not end viperf.
/// </summary>
public sealed unsafe partial class StopSignals : IDisposable
{
    private const int SIGINT = 2;
    private const int SIGTERM = 15;
    private const nint SIG_DFL = 0;
    private const nint SIG_IGN = 1;

    /// <summary>More than sizeof(struct sigaction) of any libc: 152 bytes on x86-64 and arm64.</summary>
    private const int SigactionBytes = 256;

    private readonly PosixSignalRegistration[] _registrations;
    private readonly int _writeEnd;

    /// <summary>Starts listening.</summary>
    public StopSignals()
    {
        (Descriptor, _writeEnd) = Linux.Descriptor.Pipe();

        StopIgnoring();
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Note),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Note),
        ];
    }

    /// <summary>Readable once a signal has come.</summary>
    public int Descriptor { get; }

    /// <summary>The signal that came first, or 0.</summary>
    public PosixSignal First { get; private set; }

    /// <summary>
    /// .NET leaves a signal alone that is ignored, as SIGINT is in the background jobs of a shell's script. Like perf, viperf
    /// can be stopped by it there too. To be called before anything starts a <see cref="System.Diagnostics.Process"/>: from
    /// then on .NET takes the signal for one that is ignored for good.
    /// </summary>
    public static void StopIgnoring()
    {
        StopIgnoring(SIGINT);
        StopIgnoring(SIGTERM);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _ = Linux.Descriptor.Close(Descriptor);
        _ = Linux.Descriptor.Close(_writeEnd);
    }

    /// <summary>
    /// Only from SIG_IGN: a handler that is there is .NET's own, which Process installs too, and .NET would not notice that it
    /// is gone.
    /// </summary>
    private static void StopIgnoring(int signal)
    {
        nint* action = stackalloc nint[SigactionBytes / sizeof(nint)];
        if (GetAction(signal, null, action) == 0 && action[0] == SIG_IGN) // sa_handler comes first
        {
            _ = SetHandler(signal, SIG_DFL);
        }
    }

    private void Note(PosixSignalContext context)
    {
        context.Cancel = true;
        if (First == 0)
        {
            First = context.Signal;
        }

        Linux.Descriptor.Write(_writeEnd, [1]);
    }

    [LibraryImport("libc", EntryPoint = "sigaction")]
    private static partial int GetAction(int signal, void* action, void* old);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetHandler(int signal, nint handler);
}
