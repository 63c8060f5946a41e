using Viperf.Core.Linux;
using Viperf.Core.Profiles;
using Viperf.Core.Recording;
using Viperf.Core.Unwinding;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>
/// The stacks that threads were seen with last: time in which they do not run stands below these, under a name that says why.
/// </summary>
internal sealed class StandingStacks
{
    private readonly Dictionary<(CapturedStacks Stacks, int Tid), Seen> _threads = [];

    /// <summary>A thread stands still.</summary>
    public void Stands(CapturedStacks stacks, StandingThread seen, CallChain chain, UnwindResult? result)
    {
        var thread = Thread(stacks, seen.Tid);
        thread.Standing.Set(chain, result);
        thread.Last = thread.Standing;
        thread.HeldGil = seen.HoldsGil;
    }

    /// <summary>A thread runs.</summary>
    public void Runs(CapturedStacks stacks, int tid, CallChain chain, UnwindResult? result, bool heldGil)
    {
        var thread = Thread(stacks, tid);
        thread.Running.Set(chain, result);
        thread.Last = thread.Running;
        thread.HeldGil = heldGil;
    }

    /// <summary>Finds the chain of time in which a thread did not run.</summary>
    /// <param name="stacks">Of its process.</param>
    /// <param name="seen">How it stands; what is missing in it is known from before.</param>
    /// <param name="clock">Which time matters.</param>
    /// <param name="chain">Gets the chain.</param>
    /// <param name="result">How its unwinding ended.</param>
    /// <returns>False if this time does not matter.</returns>
    public bool TryFind(CapturedStacks stacks, StandingThread seen, CaptureClock clock, CallChain chain, out UnwindResult? result)
    {
        var thread = Thread(stacks, seen.Tid);
        bool ran = seen is { Reason: StandReason.NoCpu, Before: null };
        var stack = ran ? thread.Last : thread.Standing;
        result = stack.Result;

        // Who waits for a CPU to take the lock, or with it, waits for a CPU: which of both it is nobody knows for certain.
        bool wants = seen.Reason == StandReason.Gil || seen.Before == StandReason.Gil;
        if (clock == CaptureClock.Gil && !wants && !(ran ? thread.HeldGil : seen.HoldsGil))
        {
            return false;
        }

        Below(stacks.LeafOf(NameOf(seen)), stack.Entries, chain);
        return true;
    }

    /// <summary>Makes the chain of something that the code of another chain called.</summary>
    /// <param name="leaf">Its address.</param>
    /// <param name="caller">The other chain.</param>
    /// <param name="chain">Gets the chain.</param>
    public static void Below(ulong leaf, ReadOnlySpan<ulong> caller, CallChain chain)
    {
        chain.Clear();
        chain.Add(CallchainContext.PERF_CONTEXT_USER);
        chain.Add(leaf);
        var callers = caller[(caller.IndexOf(CallchainContext.PERF_CONTEXT_USER) + 1)..];
        if (!callers.IsEmpty)
        {
            chain.Add(callers[0] + 1); // a return address now
            chain.Add(callers[1..]);
        }
    }

    private static string NameOf(StandingThread seen) => seen.Reason switch
    {
        StandReason.Gil => WaitNames.Gil,
        StandReason.NoCpu => WaitNames.Cpu,
        StandReason.Fault => WaitNames.Fault,
        _ => $"{WaitNames.BlockedPrefix}{SystemCalls.NameOf(seen.SystemCall)}]",
    };

    private Seen Thread(CapturedStacks stacks, int tid)
    {
        if (!_threads.TryGetValue((stacks, tid), out var thread))
        {
            _threads.Add((stacks, tid), thread = new Seen());
        }

        return thread;
    }

    private sealed class Seen
    {
        public Seen() => Last = Standing;

        public Stack Standing { get; } = new();

        public Stack Running { get; } = new();

        public Stack Last { get; set; }

        public bool HeldGil { get; set; }
    }

    private sealed class Stack
    {
        private readonly CallChain _chain = new();

        public ReadOnlySpan<ulong> Entries => _chain.Entries;

        public UnwindResult? Result { get; private set; }

        public void Set(CallChain chain, UnwindResult? result)
        {
            _chain.Clear();
            _chain.Add(chain.Entries);
            Result = result;
        }
    }
}
