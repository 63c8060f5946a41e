namespace Viperf.Core.Pipeline;

/// <summary>What to copy where, and what to put in on the way.</summary>
public sealed class InjectOptions
{
    /// <summary>The recording; "-" for one in pipe form on standard input.</summary>
    public required string InputPath { get; init; }

    /// <summary>The copy; "-" for standard output, which gets perf's pipe form.</summary>
    public required string OutputPath { get; init; }

    /// <summary>True to name jitted code: its ELF files are written, and mappings of them injected.</summary>
    public bool Jit { get; init; }

    /// <summary>True to unwind the copies of stacks: the samples have call chains in their place then.</summary>
    public bool ConvertCallchains { get; init; }

    /// <summary>Where the ELF files go; null: next to the copy.</summary>
    public string? JitDirectory { get; init; }

    /// <summary>Takes a line on something that was lost.</summary>
    public required Action<string> Warn { get; init; }

    /// <summary>Takes the recording that will be read; null if nobody asked.</summary>
    public Action<RecordingFile>? Opened { get; init; }

    /// <summary>Takes a line on what is done; null if nobody asked.</summary>
    public Action<string>? Detail { get; init; }
}
