namespace Viperf.Core.Recording;

/// <summary>How Python processes get to write down their own frames.</summary>
public sealed class CaptureOptions
{
    /// <param name="socketPath">Where their agents ask for it.</param>
    /// <param name="sink">Takes the processes.</param>
    /// <param name="followsTasks">True to put the frames of asyncio's tasks that await a running one around its own.</param>
    internal CaptureOptions(string socketPath, ICaptureSink sink, bool followsTasks)
    {
        SocketPath = socketPath;
        Sink = sink;
        FollowsTasks = followsTasks;
    }

    /// <summary>Which time samples stand for.</summary>
    public CaptureClock Clock { get; init; }

    /// <summary>Where their agents ask for it.</summary>
    internal string SocketPath { get; }

    /// <summary>Takes the processes.</summary>
    internal ICaptureSink Sink { get; }

    /// <summary>True to put the frames of asyncio's tasks that await a running one around its own.</summary>
    internal bool FollowsTasks { get; }
}
