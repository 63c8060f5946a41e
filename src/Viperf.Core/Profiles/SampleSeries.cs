using System.Runtime.InteropServices;

namespace Viperf.Core.Profiles;

/// <summary>
/// Every sample in the order of time: when it was, and to which row of the profile's <see cref="SampleTable"/> it belongs. Grows
/// with samples, 20 bytes for each, and so is kept only for what shows time or lists samples.
/// </summary>
public sealed class SampleSeries
{
    private readonly List<ulong> _times = [];
    private readonly List<int> _rows = [];
    private readonly List<ulong> _periods = [];

    /// <summary>Number of samples.</summary>
    public int Count => _times.Count;

    /// <summary>When a sample was; nanoseconds of the recording's clock.</summary>
    public ulong TimeOf(int sample) => _times[sample];

    /// <summary>The row of <see cref="Profile.Samples"/> that it was summed up in.</summary>
    public int RowOf(int sample) => _rows[sample];

    /// <summary>Its period: events, or nanoseconds for the clocks.</summary>
    public ulong PeriodOf(int sample) => _periods[sample];

    /// <summary>Adds a sample, whose time is none before the last one's.</summary>
    public void Add(ulong time, int row, ulong period)
    {
        _times.Add(time);
        _rows.Add(row);
        _periods.Add(period);
    }

    /// <summary>Says that rows have other numbers now.</summary>
    /// <param name="rows">The new number of each.</param>
    internal void Renumber(ReadOnlySpan<int> rows)
    {
        foreach (ref int row in CollectionsMarshal.AsSpan(_rows))
        {
            row = rows[row];
        }
    }
}
