namespace Viperf.Core.Export;

/// <summary>The samples of an event, in the order of time within each thread.</summary>
internal sealed class SamplesByThread
{
    /// <summary>Indexes in the profile's series: those of the first thread, those of the second and so on.</summary>
    private readonly int[] _samples;

    /// <summary>Where each thread's begin, and the end of the last one's.</summary>
    private readonly int[] _starts;

    /// <summary>Sorts them. Takes 4 bytes a sample, and time linear in their number.</summary>
    /// <param name="source">Where the profile is, which has its series.</param>
    public SamplesByThread(ExportSource source)
    {
        var series = source.Profile.Series
            ?? throw new ArgumentException("the profile was read without its series", nameof(source));
        int[] threads = new int[source.Profile.Samples.Count];
        Array.Fill(threads, -1);
        foreach (int row in source.Rows)
        {
            threads[row] = source.ThreadOf(row);
        }

        _starts = new int[source.Threads.Count + 1];
        for (int sample = 0; sample < series.Count; sample++)
        {
            if (threads[series.RowOf(sample)] is >= 0 and var thread)
            {
                _starts[thread + 1]++;
            }
        }

        for (int thread = 0; thread < source.Threads.Count; thread++)
        {
            _starts[thread + 1] += _starts[thread];
        }

        _samples = new int[_starts[^1]];
        int[] ends = [.. _starts];
        for (int sample = 0; sample < series.Count; sample++)
        {
            if (threads[series.RowOf(sample)] is >= 0 and var thread)
            {
                _samples[ends[thread]++] = sample;
            }
        }
    }

    /// <summary>The samples of a thread, as indexes in the profile's series.</summary>
    /// <param name="thread">Index in <see cref="ExportSource.Threads"/>.</param>
    public ReadOnlySpan<int> Of(int thread) => _samples.AsSpan(_starts[thread].._starts[thread + 1]);
}
