namespace Viperf.Core.Profiles;

/// <summary>All samples that were equal in what a report can tell apart.</summary>
/// <param name="Event">Index in <see cref="Profile.Events"/>.</param>
/// <param name="Pid">Process id.</param>
/// <param name="Tid">Thread id.</param>
/// <param name="Comm">Index in <see cref="Profile.Comms"/>: the thread's name at the samples' time.</param>
/// <param name="Cpu">CPU number, or -1 where not recorded or not asked for.</param>
/// <param name="Stack">Index in <see cref="StackTable"/>; <see cref="StackTable.Empty"/> without any frame.</param>
/// <param name="End">Why the stack ends where it ends, if it was unwound.</param>
/// <param name="IsGuessed">True if a frame of it was searched for, with nothing to vouch for it.</param>
public readonly record struct SampleKey(
    int Event, int Pid, int Tid, int Comm, int Cpu, int Stack, StackEnd End = StackEnd.Unknown, bool IsGuessed = false);

/// <summary>
/// The samples of a profile, equal ones summed up as they arrive: grows with distinct keys, not with samples.
/// </summary>
public sealed class SampleTable
{
    private readonly InternTable<SampleKey> _keys = new();
    private readonly List<ulong> _periods = [];
    private readonly List<ulong> _counts = [];

    /// <summary>Number of distinct keys.</summary>
    public int Count => _keys.Count;

    /// <summary>What the samples of a row have in common.</summary>
    public SampleKey KeyOf(int row) => _keys[row];

    /// <summary>The row's periods summed: events, or nanoseconds for the clocks.</summary>
    public ulong PeriodOf(int row) => _periods[row];

    /// <summary>How many samples the row stands for.</summary>
    public ulong SamplesOf(int row) => _counts[row];

    /// <summary>Adds one sample. Allocates nothing if an equal one was there.</summary>
    /// <returns>Its row.</returns>
    public int Add(in SampleKey key, ulong period) => Add(key, period, samples: 1);

    /// <summary>Adds equal samples.</summary>
    /// <param name="key">What they have in common.</param>
    /// <param name="period">Their periods summed.</param>
    /// <param name="samples">How many they are.</param>
    /// <returns>Their row.</returns>
    public int Add(in SampleKey key, ulong period, ulong samples)
    {
        int row = _keys.Intern(key, out bool added);
        if (added)
        {
            _periods.Add(0);
            _counts.Add(0);
        }

        _periods[row] += period;
        _counts[row] += samples;
        return row;
    }
}
