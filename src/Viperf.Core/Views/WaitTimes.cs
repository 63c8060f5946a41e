using Viperf.Core.Profiles;

namespace Viperf.Core.Views;

/// <summary>What a sample stands for, by its leaf.</summary>
public enum WaitKind
{
    /// <summary>The thread ran.</summary>
    None,

    /// <summary>It waited in a system call, or for memory.</summary>
    Blocked,

    /// <summary>It waited for a CPU.</summary>
    Cpu,

    /// <summary>It waited for the interpreter's lock.</summary>
    Gil,

    /// <summary>Number of them.</summary>
    Count,
}

/// <summary>How threads spent their time; nanoseconds.</summary>
/// <param name="Name">The thread's name.</param>
/// <param name="Tid">Its number.</param>
/// <param name="Times">By <see cref="WaitKind"/>.</param>
public sealed record ThreadWaits(string Name, int Tid, IReadOnlyList<ulong> Times)
{
    /// <summary>All its time.</summary>
    public ulong Total => Times.Aggregate(0UL, static (sum, time) => sum + time);
}

/// <summary>How the threads of a recording with wall-clock or GIL time spent it.</summary>
public sealed class WaitTimes
{
    private WaitTimes(IReadOnlyList<ThreadWaits> threads)
    {
        Threads = threads;
    }

    /// <summary>The threads, those with most time first.</summary>
    public IReadOnlyList<ThreadWaits> Threads { get; }

    /// <summary>The time of all threads.</summary>
    public ulong this[WaitKind kind] => Threads.Aggregate(0UL, (sum, thread) => sum + thread.Times[(int)kind]);

    /// <summary>Sums an event's samples up; the names of leaves must be known.</summary>
    public static WaitTimes Of(Profile profile, int eventIndex = 0)
    {
        ArgumentNullException.ThrowIfNull(profile);
        var threads = new Dictionary<int, (string Name, ulong[] Times)>();
        for (int row = 0; row < profile.Samples.Count; row++)
        {
            var key = profile.Samples.KeyOf(row);
            if (key.Event != eventIndex)
            {
                continue;
            }

            if (!threads.TryGetValue(key.Tid, out var thread))
            {
                thread.Times = new ulong[(int)WaitKind.Count];
            }

            thread.Name = profile.Comms[key.Comm]; // the last one
            thread.Times[(int)KindOf(profile, key.Stack)] += profile.Samples.PeriodOf(row);
            threads[key.Tid] = thread;
        }

        return new([.. threads.Select(static pair => new ThreadWaits(pair.Value.Name, pair.Key, pair.Value.Times))
            .OrderByDescending(static thread => thread.Total).ThenBy(static thread => thread.Tid)]);
    }

    /// <summary>What a stack's samples stand for.</summary>
    public static WaitKind KindOf(Profile profile, int stack)
    {
        ArgumentNullException.ThrowIfNull(profile);
        if (stack == StackTable.Empty || profile.Frames.FunctionOf(profile.Stacks.FrameOf(stack)) is var function && function == FrameTable.NotLookedUp)
        {
            return WaitKind.None;
        }

        string name = profile.Functions[function].Name;
        return name == WaitNames.Gil ? WaitKind.Gil
            : name == WaitNames.Cpu ? WaitKind.Cpu
            : name.StartsWith(WaitNames.BlockedPrefix, StringComparison.Ordinal) ? WaitKind.Blocked
            : WaitKind.None;
    }
}
