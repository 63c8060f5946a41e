using Viperf.Core.Profiles;
using Viperf.Core.Symbols;

namespace Viperf.Core.Pipeline;

/// <summary>
/// Has files' symbols read, and functions and lines looked up, while samples still come: it takes about as long as finding the
/// samples' stacks.
/// </summary>
/// <param name="profile">The profile that is being filled.</param>
/// <param name="symbolizer">Names its frames.</param>
/// <param name="sources">Whether functions and lines will be asked for, of nearly all frames.</param>
/// <param name="next">Who takes the samples.</param>
internal sealed class SymbolPreparation(Profile profile, Symbolizer symbolizer, bool sources, ISampleSink next) : ISampleSink
{
    /// <summary>Frames whose modules were announced.</summary>
    private int _frames;

    /// <inheritdoc/>
    public void OnSample(in ConvertedSample sample)
    {
        for (; _frames < profile.Frames.Count; _frames++)
        {
            symbolizer.Prepare(profile, profile.Frames[_frames].Module);
            if (sources)
            {
                symbolizer.PrepareSource(profile, _frames);
            }
        }

        next.OnSample(sample);
    }
}
