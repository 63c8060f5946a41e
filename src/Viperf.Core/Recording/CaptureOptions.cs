namespace Viperf.Core.Recording;

/// <summary>How Python processes get to write down their own frames.</summary>
public sealed class CaptureOptions
{
    /// <param name="socketPath">Where their agents ask for it.</param>
    /// <param name="sink">Takes the processes.</param>
    internal CaptureOptions(string socketPath, ICaptureSink sink)
    {
        SocketPath = socketPath;
        Sink = sink;
    }

    /// <summary>Which time samples stand for.</summary>
    public CaptureClock Clock { get; init; }

    /// <summary>Where their agents ask for it.</summary>
    internal string SocketPath { get; }

    /// <summary>Takes the processes.</summary>
    internal ICaptureSink Sink { get; }
}
