using Viperf.Core.Profiles;
using Viperf.Core.Symbols;

namespace Viperf.Core.Pipeline;

/// <summary>
/// Has files' symbols read while samples still come: reading them takes about as long as finding the samples' stacks.
/// </summary>
/// <param name="profile">The profile that is being filled.</param>
/// <param name="symbolizer">Names its frames.</param>
/// <param name="next">Who takes the samples.</param>
internal sealed class SymbolPreparation(Profile profile, Symbolizer symbolizer, ISampleSink next) : ISampleSink
{
    /// <summary>Frames whose modules were announced.</summary>
    private int _frames;

    /// <inheritdoc/>
    public void OnSample(in ConvertedSample sample)
    {
        for (; _frames < profile.Frames.Count; _frames++)
        {
            symbolizer.Prepare(profile, profile.Frames[_frames].Module);
        }

        next.OnSample(sample);
    }
}
