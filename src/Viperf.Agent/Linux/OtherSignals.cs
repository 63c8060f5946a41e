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
    private const int SIGKILL = 9;
    private const int SIGSTOP = 19;

    /// <summary>The upper half of what the signal to the main thread carries; the lower has the number of the other signal.</summary>
    private const ulong Mark = 0x7670_6f6b_0000_0000;

    private const ulong MarkMask = 0xffff_ffff_0000_0000;

    /// <summary>What the program asked for, by number, where our handler stands in for its own.</summary>
    private static SignalAction* s_program;

    private static int s_processId;

    private static nint Own => (nint)(delegate* unmanaged<int, TrapSignal.SignalInfo*, void*, void>)&OnSignal;

    /// <summary>Begins, or begins again in a forked child.</summary>
    public static void Begin()
    {
        s_processId = Syscall.GetProcessId();
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
    public static bool IsCall(TrapSignal.SignalInfo* info) => info->Code == TrapSignal.SignalInfo.SI_QUEUE && (info->PerfData & MarkMask) == Mark;

    /// <summary>True if such a signal is to end the main thread's call: it does not block the one that another thread took.</summary>
    public static bool Ends(in InterruptedCall call, TrapSignal.SignalInfo* info) =>
        IsCall(info) && (call.Blocked >> (((int)info->PerfData & 63) - 1) & 1) == 0;

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
            TrapSignal.SignalInfo call = default;
            call.Code = TrapSignal.SignalInfo.SI_QUEUE;
            call.PerfData = Mark | (uint)signal;
            Syscall.QueueSignal(process, process, TrapSignal.SIGTRAP, &call);
        }
    }
}
