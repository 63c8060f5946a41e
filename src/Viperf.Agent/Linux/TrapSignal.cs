using System.Runtime;
using System.Runtime.InteropServices;

namespace Viperf.Agent.Linux;

/// <summary>
/// SIGTRAP, of which the program may have a handler too: whatever it installs is kept here, and gets the signals that are not
/// ours. The library's <c>sigaction</c>, <c>signal</c> and their like stand before the C library's for that.
/// </summary>
internal static unsafe class TrapSignal
{
    /// <summary>Its number.</summary>
    public const int SIGTRAP = 5;

    private const nint SIG_ERR = -1;
    private const nint SIG_HOLD = 2;

    /// <summary>SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS: blocked, they would end the process unheard.</summary>
    public const ulong Faults = 1UL << 3 | 1UL << 4 | 1UL << 5 | 1UL << 6 | 1UL << 7 | 1UL << 10 | 1UL << 30;

    private const ulong Trap = 1UL << (SIGTRAP - 1);

    /// <summary>What the program has, or would have.</summary>
    private static SignalAction s_program;

    /// <summary>What the kernel has.</summary>
    private static SignalAction s_own;

    private static bool s_isOurs;
    private static int s_processId;
    private static ulong s_timerData;
    private static void* s_nextAction;
    private static void* s_nextSignal;
    private static void* s_nextSsignal;
    private static void* s_nextSysvSignal;
    private static void* s_nextSysvSignalToo;
    private static void* s_nextSigset;

    /// <summary>
    /// The child of a vfork has its parent's memory, but signal handlers of its own: what it does with them is not kept here.
    /// </summary>
    private static bool IsOfThisProcess => s_processId == Syscall.GetProcessId();

    /// <summary>Looks up what these stand before.</summary>
    public static void Resolve()
    {
        NextSymbol.Resolve(ref s_nextAction, "sigaction"u8);
        NextSymbol.Resolve(ref s_nextSignal, "signal"u8);
        NextSymbol.Resolve(ref s_nextSsignal, "ssignal"u8);
        NextSymbol.Resolve(ref s_nextSysvSignal, "sysv_signal"u8);
        NextSymbol.Resolve(ref s_nextSysvSignalToo, "__sysv_signal"u8);
        NextSymbol.Resolve(ref s_nextSigset, "sigset"u8);
    }

    /// <summary>Takes the signal. System calls that it interrupts go on.</summary>
    /// <param name="handler">Gets the number, siginfo_t and context. Other signals wait until it ends.</param>
    /// <returns>False where it cannot be had.</returns>
    public static bool TryTake(delegate* unmanaged<int, SignalInfo*, void*, void> handler)
    {
        s_processId = Syscall.GetProcessId();
        if (s_isOurs)
        {
            return true;
        }

        s_own.Handler = (nint)handler;
        s_own.Flags = SignalAction.SA_SIGINFO | SignalAction.SA_ONSTACK | SignalAction.SA_RESTART;
        s_own.Mask[0] = ~Faults;
        fixed (SignalAction* program = &s_program, own = &s_own)
        {
            s_isOurs = NextAction(SIGTRAP, own, program) == 0;
        }

        if (s_isOurs)
        {
            OtherSignals.Begin();
        }

        return s_isOurs;
    }

    /// <summary>True if the running thread blocks it.</summary>
    public static bool IsBlocked => (Syscall.GetSignalMask() & Trap) != 0;

    /// <summary>True once it is taken.</summary>
    public static bool IsTaken => s_isOurs;

    /// <summary>Says what the signals of timers carry that are ours from now on.</summary>
    public static void ExpectTimers(ulong data) => s_timerData = data;

    /// <summary>True if a signal is a perf event's or one of our timers', or our own to the main thread.</summary>
    public static bool IsOwn(SignalInfo* info) =>
        OtherSignals.IsCall(info) || info->Code == SignalInfo.TRAP_PERF || (info->Code == SignalInfo.SI_TIMER && s_timerData != 0 && info->PerfData == s_timerData);

    /// <summary>True if somebody took a signal of ours.</summary>
    public static bool IsOurs(int signal, SignalInfo* info) => s_isOurs && signal == SIGTRAP && IsOwn(info);

    /// <summary>Says that this is another process, with the memory and the handlers of the one before.</summary>
    public static void OnFork()
    {
        s_processId = Syscall.GetProcessId();
        if (s_isOurs)
        {
            OtherSignals.Begin();
        }
    }

    /// <summary>
    /// What is to be done at the end of our handler, as the kernel would without it: a call that another signal interrupted too
    /// goes on only if that signal's handler says so. Ours says so of all, and came first.
    /// </summary>
    public static void Leave(void* context)
    {
        InterruptedCall call = new(context);
        bool ends = OtherSignals.EndCall(call.Blocked);
        bool mayBeInterrupted = call.MayBeInterrupted;
        if ((mayBeInterrupted || call.WasInterrupted) && OtherSignals.KeepWaiting(call.Blocked))
        {
            ends = true;
        }

        if (ends && mayBeInterrupted)
        {
            call.Interrupt();
        }
    }

    /// <summary>Gives a signal that is not ours to the program, or does to it what would have been done.</summary>
    public static void PassOn(int signal, SignalInfo* info, void* context)
    {
        SignalAction action = s_program;
        InterruptedCall call = new(context);
        bool ends = OtherSignals.EndCall(call.Blocked); // ours, that tells of it, is not kept beside this one
        if (action.Handler == SignalAction.SIG_IGN)
        {
            if (ends && call.MayBeInterrupted)
            {
                call.Interrupt();
            }

            return;
        }

        if (action.Handler == SignalAction.SIG_DFL)
        {
            action = default;
            _ = NextAction(SIGTRAP, &action, null);
            Syscall.SendSignal(Syscall.GetProcessId(), Syscall.GetThreadId(), SIGTRAP); // comes when the handler ends
            return;
        }

        if ((action.Flags & SignalAction.SA_RESETHAND) != 0)
        {
            s_program.Handler = SignalAction.SIG_DFL;
        }

        if ((ends || (action.Flags & SignalAction.SA_RESTART) == 0) && call.MayBeInterrupted)
        {
            call.Interrupt();
        }

        // What the kernel would block; it unblocks it all when our handler returns.
        Syscall.SetSignalMask(call.Blocked | action.Mask[0] | ((action.Flags & SignalAction.SA_NODEFER) != 0 ? 0 : Trap));
        ((delegate* unmanaged<int, SignalInfo*, void*, void>)action.Handler)(signal, info, context);
    }

    /// <summary>Prepares for another program to be executed, which inherits that a signal is ignored, and nothing else.</summary>
    /// <param name="ignores">Whether it must be, for the new program's sake.</param>
    /// <returns>True if it is: <see cref="EndExec"/> must follow if this program goes on.</returns>
    public static bool BeginExec(bool ignores)
    {
        if (!s_isOurs || (!ignores && s_program.Handler != SignalAction.SIG_IGN))
        {
            return false;
        }

        SignalAction action = default;
        action.Handler = SignalAction.SIG_IGN;
        return NextAction(SIGTRAP, &action, null) == 0;
    }

    /// <summary>The program was not executed.</summary>
    public static void EndExec()
    {
        fixed (SignalAction* own = &s_own)
        {
            _ = NextAction(SIGTRAP, own, null);
        }
    }

    /// <summary>Takes signals of ours that wait until the thread lets them through; another program may do that.</summary>
    public static void DropWaiting()
    {
        SignalInfo info;
        bool isForProgram = false;
        while (Syscall.TakeSignal(Trap, &info) == SIGTRAP)
        {
            isForProgram |= !IsOwn(&info);
        }

        if (isForProgram)
        {
            Syscall.SendSignal(Syscall.GetProcessId(), Syscall.GetThreadId(), SIGTRAP);
        }
    }

    [RuntimeExport("sigaction")]
    private static int SetAction(int signal, SignalAction* action, SignalAction* old)
    {
        if (signal != SIGTRAP || !s_isOurs)
        {
            return OtherSignals.Set(signal, action, old);
        }

        SignalAction before = s_program;
        if (!IsOfThisProcess)
        {
            int result = NextAction(signal, action, old);
            if (result == 0 && old != null && old->Handler == s_own.Handler)
            {
                *old = before;
            }

            return result;
        }

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
        return Set(NextSymbol.Resolve(ref s_nextSignal, "signal"u8), signal, handler, SignalAction.SA_RESTART);
    }

    [RuntimeExport("ssignal")]
    private static nint SetHandlerTheSame(int signal, nint handler) => Set(NextSymbol.Resolve(ref s_nextSsignal, "ssignal"u8), signal, handler, SignalAction.SA_RESTART);

    [RuntimeExport("sysv_signal")]
    private static nint SetHandlerOnce(int signal, nint handler) =>
        Set(NextSymbol.Resolve(ref s_nextSysvSignal, "sysv_signal"u8), signal, handler, SignalAction.SA_RESETHAND | SignalAction.SA_NODEFER);

    [RuntimeExport("__sysv_signal")]
    private static nint SetHandlerOnceToo(int signal, nint handler) =>
        Set(NextSymbol.Resolve(ref s_nextSysvSignalToo, "__sysv_signal"u8), signal, handler, SignalAction.SA_RESETHAND | SignalAction.SA_NODEFER);

    [RuntimeExport("sigset")]
    private static nint SetHandlerAndMask(int signal, nint handler) => Set(NextSymbol.Resolve(ref s_nextSigset, "sigset"u8), signal, handler, 0);

    private static nint Set(void* next, int signal, nint handler, int flags)
    {
        if (signal != SIGTRAP || !s_isOurs || handler == SIG_HOLD)
        {
            return next == null ? SIG_ERR
                : OtherSignals.Known(signal, ((delegate* unmanaged[Cdecl, SuppressGCTransition]<int, nint, nint>)next)(signal, handler));
        }

        SignalAction old;
        SignalAction action = default;
        action.Handler = handler;
        action.Flags = flags;
        return SetAction(signal, &action, &old) == 0 ? old.Handler : SIG_ERR;
    }

    /// <summary>The C library's own <c>sigaction</c>.</summary>
    public static int NextAction(int signal, SignalAction* action, SignalAction* old)
    {
        void* next = NextSymbol.Resolve(ref s_nextAction, "sigaction"u8);
        return next == null ? -1 : ((delegate* unmanaged[Cdecl, SuppressGCTransition]<int, SignalAction*, SignalAction*, int>)next)(signal, action, old);
    }

    /// <summary>
    /// <c>siginfo_t</c> of a perf event's signal (asm-generic/siginfo.h); what a timer's carries lies where the event's data does.
    /// </summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    public struct SignalInfo
    {
        /// <summary>TRAP_PERF: si_code of a perf event's signal.</summary>
        public const int TRAP_PERF = 6;

        /// <summary>TRAP_PERF_FLAG_ASYNC: the thread had blocked the signal.</summary>
        public const uint TRAP_PERF_FLAG_ASYNC = 1;

        /// <summary>SI_QUEUE: si_code of a signal that a process sent with a value.</summary>
        public const int SI_QUEUE = -1;

        /// <summary>SI_TIMER: si_code of a timer's signal.</summary>
        public const int SI_TIMER = -2;

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
