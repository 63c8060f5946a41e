namespace Viperf.Core.Symbols;

/// <summary>What the recording says that decides which files may name its addresses.</summary>
public sealed class SymbolizerOptions
{
    /// <summary>The recorded machine's kernel (<c>uname -r</c>); null where the recording does not say.</summary>
    public string? KernelRelease { get; init; }

    /// <summary>The user that owns the recording, whose perf maps are believed; null where nobody says.</summary>
    public uint? RecordingOwner { get; init; }
}
