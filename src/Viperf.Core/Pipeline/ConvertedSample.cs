using Viperf.Core.Profiles;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>One sample in the profile's terms.</summary>
/// <param name="Source">The event.</param>
/// <param name="Key">Thread, name, CPU and stack.</param>
/// <param name="Ip">The sampled instruction pointer, a virtual address.</param>
/// <param name="Time">Nanoseconds of the recording's clock.</param>
/// <param name="Period">Events, or nanoseconds for the clocks.</param>
/// <param name="HasChain">True if the stack came from a call chain, false if it is the instruction pointer alone.</param>
/// <param name="LeafAdded">True if the chain lacked the instruction pointer (a kernel sample with the user's chain
/// alone), so that the leaf frame is not the chain's.</param>
public readonly record struct ConvertedSample(
    EventDescription Source, SampleKey Key, ulong Ip, ulong Time, ulong Period, bool HasChain, bool LeafAdded);

/// <summary>Takes samples as they come out of the converter, in the order of time.</summary>
public interface ISampleSink
{
    /// <summary>Takes one sample.</summary>
    void OnSample(in ConvertedSample sample);
}

/// <summary>Sums samples up in the profile's sample table, and lists them where the profile has a series.</summary>
/// <param name="profile">Where to.</param>
public sealed class SampleAggregator(Profile profile) : ISampleSink
{
    /// <inheritdoc/>
    public void OnSample(in ConvertedSample sample)
    {
        int row = profile.Samples.Add(sample.Key, sample.Period);
        profile.Series?.Add(sample.Time, row, sample.Period);
    }
}
