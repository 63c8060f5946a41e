namespace Viperf.Core.Profiles;

/// <summary>A function that has source.</summary>
/// <param name="Name">Its name, of Python functions the qualified one (before CPython 3.11: the bare one).</param>
/// <param name="File">Its source file as the interpreter or the compiler calls it.</param>
/// <param name="FirstLine">The line that its definition begins at; 0 where nobody says.</param>
/// <param name="IsPython">Whether it is Python's.</param>
public sealed record SourceFunction(string Name, string File, int FirstLine, bool IsPython)
{
    /// <summary>Code of a Python module itself, outside of functions.</summary>
    public const string Module = "<module>";

    /// <summary>The file as people know it. No part of what tells functions apart.</summary>
    public string ShortFile { get; init; } = File;

    /// <summary>Its file and first line, to be told from others of its name.</summary>
    public string Place => FirstLine > 0 ? $"{ShortFile}:{FirstLine}" : ShortFile;

    /// <inheritdoc/>
    public bool Equals(SourceFunction? other) => other is not null
        && (Name, File, FirstLine, IsPython) == (other.Name, other.File, other.FirstLine, other.IsPython);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, File, FirstLine, IsPython);
}

/// <summary>Where in the source a frame is.</summary>
/// <param name="Function">Index in <see cref="CodePlaces.Functions"/>.</param>
/// <param name="Line">Counted from 1; 0 where the code has none.</param>
/// <param name="Offset">Bytes from the function's first instruction; 0 for native code.</param>
public readonly record struct CodePlace(int Function, int Line, uint Offset);

/// <summary>
/// The places of a profile's frames, taken before stacks are folded: frames keep their indexes then, but not their names.
/// </summary>
public sealed class CodePlaces
{
    private readonly Dictionary<int, CodePlace> _places = [];

    /// <summary>The functions that have source.</summary>
    public InternTable<SourceFunction> Functions { get; } = new();

    /// <summary>All places.</summary>
    public IEnumerable<CodePlace> All => _places.Values;

    /// <summary>Says where a frame is.</summary>
    public void Add(int frame, in CodePlace place) => _places.TryAdd(frame, place);

    /// <summary>Where a frame is; null if it has no source, or stands for something else than code.</summary>
    public CodePlace? Of(int frame) => _places.TryGetValue(frame, out var place) ? place : null;
}
