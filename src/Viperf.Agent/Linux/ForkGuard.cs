namespace Viperf.Agent.Linux;

/// <summary>
/// The lock around all that the agent changes, and the knowledge of whose memory this is. Both lie in a page that a
/// forked child finds empty: there the lock is free, whoever held it in the parent, and the process is a new one.
/// </summary>
/// <remarks>
/// Subinterpreters with locks of their own run side by side, so the interpreter's lock is not enough. The sections are
/// short, none of them calls Python, and threads that wait let others run.
/// </remarks>
internal static unsafe class ForkGuard
{
    private const nuint PageBytes = 4096; // the smallest; larger pages are rounded up to

    private static Page* s_page;

    /// <summary>True once there is one.</summary>
    public static bool IsCreated => s_page != null;

    /// <summary>The process that holds the lock, or held it last.</summary>
    public static int ProcessId => s_page->ProcessId;

    /// <summary>Whether the kernel empties the page, so that a fork shows without asking for the process's number.</summary>
    private static bool s_wipes;

    /// <summary>Makes the page; must be called before anything else, by one thread.</summary>
    public static bool TryCreate()
    {
        if (s_page != null)
        {
            return true;
        }

        s_page = (Page*)Syscall.MapMemory(PageBytes, Syscall.PROT_READ | Syscall.PROT_WRITE, out _);
        s_wipes = s_page != null && Syscall.AdviseMemory(s_page, PageBytes, Syscall.MADV_WIPEONFORK) == 0;
        if (s_page != null)
        {
            s_page->ProcessId = Syscall.GetProcessId();
        }

        return s_page != null;
    }

    /// <summary>Waits for the lock.</summary>
    /// <returns>True if this is the first time in this process: what is known of files and threads is the parent's.</returns>
    public static bool Enter()
    {
        if (!s_wipes && s_page->ProcessId != Syscall.GetProcessId())
        {
            s_page->ProcessId = 0;
            s_page->Lock = 0;
        }

        while (Atomic.Exchange(&s_page->Lock, 1) != 0)
        {
            Syscall.YieldProcessor();
        }

        if (s_page->ProcessId != 0)
        {
            return false;
        }

        s_page->ProcessId = Syscall.GetProcessId();
        return true;
    }

    /// <summary>Gives the lock back.</summary>
    public static void Leave() => Atomic.Exchange(&s_page->Lock, 0);

    private struct Page
    {
        public int Lock;
        public int ProcessId;
    }
}
