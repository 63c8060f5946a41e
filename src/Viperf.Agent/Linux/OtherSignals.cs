using System.Runtime.InteropServices;

namespace Viperf.Agent.Linux;

/// <summary>
/// The program's signals that are to end calls of its main thread (SIGALRM, SIGINT…). The kernel wakes the main thread for one, but
/// any thread that returns from a handler meanwhile takes it, and with sampling threads do so all the time: no call of the main
/// thread would end. So their handlers are called by one of ours, which then has the main thread's call end.
/// </summary>
internal static unsafe class OtherSignals
{
    private const int SignalCount = 65; // from 1; NSIG of x86-64 and arm64
    private const int FirstRealTime = 32; // of those before, one of a number waits at most, and sending it cannot fail
    private const int SIGKILL = 9;
    private const int SIGSTOP = 19;

    /// <summary>What the signal to the main thread carries.</summary>
    private const ulong Mark = 0x7670_6f6b_7369_676e;

    /// <summary>What the program asked for, by number, where our handler stands in for its own.</summary>
    private static SignalAction* s_program;

    private static int s_processId;

    /// <summary>
    /// Signals that other threads took and the main thread was not told of yet. The signal that tells it may be any of ours: the
    /// kernel keeps one of a number, so that none is added where a sample's waits already.
    /// </summary>
    private static ulong s_taken;

    private static nint Own => (nint)(delegate* unmanaged<int, TrapSignal.SignalInfo*, void*, void>)&OnSignal;

    /// <summary>Begins, or begins again in a forked child.</summary>
    public static void Begin()
    {
        s_processId = Syscall.GetProcessId();
        s_taken = 0;
        if (s_program != null)
        {
            return;
        }

        var table = (SignalAction*)Syscall.MapMemory(
            (nuint)(SignalCount * sizeof(SignalAction)), Syscall.PROT_READ | Syscall.PROT_WRITE, out int error);
        if (error != 0)
        {
            return;
        }

        s_program = table;
        for (int signal = 1; signal < SignalCount; signal++)
        {
            SignalAction action;
            if (IsWanted(signal) && TrapSignal.NextAction(signal, null, &action) == 0 && action.HasHandler)
            {
                _ = Set(signal, &action, null);
            }
        }
    }

    /// <summary><c>sigaction</c> of a signal that is not ours.</summary>
    public static int Set(int signal, SignalAction* action, SignalAction* old)
    {
        if (s_program == null || !IsWanted(signal) || s_processId != Syscall.GetProcessId())
        {
            return Translate(signal, TrapSignal.NextAction(signal, action, old), old);
        }

        var entry = s_program + signal;
        SignalAction before = *entry;
        SignalAction installed;
        if (action != null)
        {
            installed = *action;
            if (action->HasHandler && (action->Flags & SignalAction.SA_RESTART) == 0)
            {
                *entry = *action; // first: the signal may come at once
                installed.Handler = Own;
                installed.Flags |= SignalAction.SA_SIGINFO;
            }
        }

        int result = TrapSignal.NextAction(signal, action == null ? null : &installed, old);
        if (result != 0)
        {
            *entry = before;
        }
        else if (old != null && old->Handler == Own)
        {
            *old = before;
        }

        return result;
    }

    /// <summary>The handler that the program knows of.</summary>
    public static nint Known(int signal, nint handler) =>
        handler == Own && s_program != null ? s_program[signal].Handler : handler;

    /// <summary>True if a signal was sent by our handler to the main thread.</summary>
    public static bool IsCall(TrapSignal.SignalInfo* info) => info->Code == TrapSignal.SignalInfo.SI_QUEUE && info->PerfData == Mark;

    /// <summary>In a handler of ours: true if a call of this thread is to end, as another took a signal that it does not block.</summary>
    public static bool EndCall(ulong blocked)
    {
        if (s_taken == 0 || ThreadBlock.ThreadId(s_processId) != s_processId)
        {
            return false;
        }

        fixed (ulong* taken = &s_taken)
        {
            return (Atomic.Take(taken) & ~blocked) != 0;
        }
    }

    /// <summary>
    /// In a handler of ours that interrupted a call: sees to it that a signal which interrupted it too comes to this thread when the
    /// handler ends. One to the whole process may be taken by another thread before, and the main thread, its call ended, would look
    /// for what that thread has not done yet, and wait again: it takes such a signal at once and sends it to itself.
    /// </summary>
    /// <returns>True if there is a signal that ends calls.</returns>
    public static bool KeepWaiting(ulong blocked)
    {
        bool ends = false;
        ulong waiting = Syscall.WaitingSignals() & ~blocked;
        for (int signal = 1; waiting != 0; signal++, waiting >>= 1)
        {
            ends |= (waiting & 1) != 0 && IsWanted(signal) && EndsCalls(signal) && TryKeep(signal);
        }

        return ends;
    }

    private static bool EndsCalls(int signal) => Syscall.GetAction(signal, out nint handler, out ulong flags)
        && handler is not SignalAction.SIG_DFL and not SignalAction.SIG_IGN && (flags & SignalAction.SA_RESTART) == 0;

    /// <summary>False if another thread was faster.</summary>
    private static bool TryKeep(int signal)
    {
        int process = Syscall.GetProcessId();
        if (signal >= FirstRealTime || Syscall.GetThreadId() != process)
        {
            return true;
        }

        TrapSignal.SignalInfo info;
        if (Syscall.TakeSignal(1UL << (signal - 1), &info) != signal)
        {
            return false;
        }

        Syscall.QueueSignal(process, process, signal, &info);
        return true;
    }

    private static int Translate(int signal, int result, SignalAction* old)
    {
        if (result == 0 && old != null && old->Handler == Own)
        {
            *old = s_program[signal]; // a vfork's child, which has its parent's memory
        }

        return result;
    }

    /// <summary>Faults come to the thread that made them.</summary>
    private static bool IsWanted(int signal) =>
        signal is > 0 and < SignalCount and not SIGKILL and not SIGSTOP && (TrapSignal.Faults >> (signal - 1) & 1) == 0;

    [UnmanagedCallersOnly]
    private static void OnSignal(int signal, TrapSignal.SignalInfo* info, void* context)
    {
        ((delegate* unmanaged<int, TrapSignal.SignalInfo*, void*, void>)s_program[signal].Handler)(signal, info, context);

        // After the handler: what the main thread looks for when its call ends must be there.
        int process = Syscall.GetProcessId();
        if (process == s_processId && Syscall.GetThreadId() != process)
        {
            fixed (ulong* taken = &s_taken)
            {
                Atomic.Or(taken, 1UL << (signal - 1));
            }

            TrapSignal.SignalInfo call = default;
            call.Code = TrapSignal.SignalInfo.SI_QUEUE;
            call.PerfData = Mark;
            Syscall.QueueSignal(process, process, TrapSignal.SIGTRAP, &call);
        }
    }
}
