using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Viperf.Agent.Linux;

/// <summary>
/// SIGTRAP, of which the program may have a handler too: whatever it installs is kept here, and gets the signals that are not
/// ours. The library's <c>sigaction</c> and <c>signal</c> stand before the C library's for that.
/// </summary>
internal static unsafe class TrapSignal
{
    private const int SIGTRAP = 5;
    private const int SA_SIGINFO = 4;
    private const int SA_ONSTACK = 0x0800_0000;
    private const int SA_RESTART = 0x1000_0000;
    private const nint SIG_DFL = 0;
    private const nint SIG_IGN = 1;
    private const nint SIG_ERR = -1;

    private const nint RTLD_NEXT = -1;

    /// <summary>What the program has, or would have.</summary>
    private static Action s_program;

    private static bool s_isOurs;
    private static delegate* unmanaged[Cdecl, SuppressGCTransition]<int, Action*, Action*, int> s_next;

    /// <summary>Takes the signal. System calls that it interrupts go on.</summary>
    /// <param name="handler">Gets the number, siginfo_t and context.</param>
    /// <returns>False where it cannot be had.</returns>
    public static bool TryTake(delegate* unmanaged<int, SignalInfo*, void*, void> handler)
    {
        if (s_isOurs)
        {
            return true;
        }

        Action action = default;
        action.Handler = (nint)handler;
        action.Flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
        fixed (Action* program = &s_program)
        {
            s_isOurs = TryResolve() && s_next(SIGTRAP, &action, program) == 0;
        }

        return s_isOurs;
    }

    /// <summary>Gives a signal that is not ours to the program, or does to it what would have been done.</summary>
    public static void PassOn(int signal, SignalInfo* info, void* context)
    {
        if (s_program.Handler == SIG_IGN)
        {
            return;
        }

        if (s_program.Handler != SIG_DFL)
        {
            ((delegate* unmanaged<int, SignalInfo*, void*, void>)s_program.Handler)(signal, info, context);
            return;
        }

        Action action = default;
        _ = s_next(SIGTRAP, &action, null);
        Syscall.SendSignal(Syscall.GetProcessId(), Syscall.GetThreadId(), SIGTRAP); // comes when the handler ends
    }

    [RuntimeExport("sigaction")]
    private static int SetAction(int signal, Action* action, Action* old)
    {
        if (signal != SIGTRAP || !s_isOurs)
        {
            return TryResolve() ? s_next(signal, action, old) : -1;
        }

        Action before = s_program;
        if (action != null)
        {
            s_program = *action;
        }

        if (old != null)
        {
            *old = before;
        }

        return 0;
    }

    [RuntimeExport("signal")]
    private static nint SetHandler(int signal, nint handler)
    {
        if (signal != SIGTRAP || !s_isOurs)
        {
            var next = (delegate* unmanaged[Cdecl, SuppressGCTransition]<int, nint, nint>)FindSymbol((void*)RTLD_NEXT, "signal"u8.Pointer);
            return next == null ? SIG_ERR : next(signal, handler);
        }

        nint before = s_program.Handler;
        s_program = default;
        s_program.Handler = handler;
        s_program.Flags = SA_RESTART;
        return before;
    }

    private static bool TryResolve()
    {
        if (s_next == null)
        {
            s_next = (delegate* unmanaged[Cdecl, SuppressGCTransition]<int, Action*, Action*, int>)
                FindSymbol((void*)RTLD_NEXT, "sigaction"u8.Pointer);
        }

        return s_next != null;
    }

    [RuntimeImport("viperf_find_symbol")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void* FindSymbol(void* scope, byte* name);

    /// <summary><c>struct sigaction</c> of glibc and musl on 64-bit machines.</summary>
    private struct Action
    {
        public nint Handler;
        public fixed ulong Mask[16];
        public int Flags;
        public nint Restorer;
    }

    /// <summary><c>siginfo_t</c> of a perf event's signal (asm-generic/siginfo.h).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    public struct SignalInfo
    {
        /// <summary>TRAP_PERF: si_code of a perf event's signal.</summary>
        public const int TRAP_PERF = 6;

        /// <summary>TRAP_PERF_FLAG_ASYNC: the thread had blocked the signal.</summary>
        public const uint TRAP_PERF_FLAG_ASYNC = 1;

        [FieldOffset(8)]
        public int Code;

        [FieldOffset(24)]
        public ulong PerfData;

        [FieldOffset(32)]
        public uint PerfType;

        [FieldOffset(36)]
        public uint PerfFlags;
    }
}
