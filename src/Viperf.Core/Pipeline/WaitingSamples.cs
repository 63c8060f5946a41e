using Viperf.Core.Unwinding;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>A sample whose signal has not come yet.</summary>
/// <param name="Stacks">Its process's frames.</param>
/// <param name="Source">Its event, as its record is laid out.</param>
/// <param name="Tid">Its thread.</param>
/// <param name="Time">When it was taken.</param>
/// <param name="Instruction">Where it was taken.</param>
/// <param name="Record">The sample, as the file gets it but for the chain.</param>
/// <param name="Chain">Its native chain.</param>
/// <param name="Roles">What the chain's entries are to Python.</param>
/// <param name="UserStart">Where user space begins in the chain.</param>
/// <param name="Result">What became of unwinding.</param>
internal sealed record WaitingSample(
    CapturedStacks Stacks, EventDescription Source, int Tid, ulong Time, ulong Instruction, byte[] Record, ulong[] Chain, NativeRole[] Roles,
    int UserStart, UnwindResult? Result);

/// <summary>
/// Samples whose signals have not come yet, by thread and in the order of time. A thread's samples must be looked for in that
/// order: a signal is forgotten when a sample behind it is looked for.
/// </summary>
internal sealed class WaitingSamples
{
    /// <summary>Samples that wait at most: a thread may sleep for long before it gets its signal.</summary>
    private const int Most = 16 * 1024;

    private readonly Dictionary<(CapturedStacks Stacks, int Tid), Queue<WaitingSample>> _byThread = [];

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>True if no more may wait.</summary>
    public bool IsFull => Count >= Most;

    /// <summary>Has a sample wait.</summary>
    public void Add(WaitingSample sample)
    {
        if (!_byThread.TryGetValue((sample.Stacks, sample.Tid), out var queue))
        {
            _byThread.Add((sample.Stacks, sample.Tid), queue = new Queue<WaitingSample>());
        }

        queue.Enqueue(sample);
        Count++;
    }

    /// <summary>Hands over one thread's samples, the first first, up to one that waits on.</summary>
    /// <param name="stacks">The thread's process.</param>
    /// <param name="tid">The thread.</param>
    /// <param name="tryComplete">Returns false if a sample waits on.</param>
    public void Complete(CapturedStacks stacks, int tid, Predicate<WaitingSample> tryComplete)
    {
        if (_byThread.TryGetValue((stacks, tid), out var queue))
        {
            Complete((stacks, tid), queue, tryComplete);
        }
    }

    /// <summary>Hands over all threads' samples so.</summary>
    public void CompleteAll(Predicate<WaitingSample> tryComplete)
    {
        foreach (var (thread, queue) in _byThread)
        {
            Complete(thread, queue, tryComplete);
        }
    }

    private void Complete((CapturedStacks Stacks, int Tid) thread, Queue<WaitingSample> queue, Predicate<WaitingSample> tryComplete)
    {
        while (queue.TryPeek(out var first) && tryComplete(first))
        {
            queue.Dequeue();
            Count--;
        }

        if (queue.Count == 0)
        {
            _byThread.Remove(thread);
        }
    }
}
