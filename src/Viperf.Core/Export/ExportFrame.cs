using Viperf.Core.Profiles;

namespace Viperf.Core.Export;

/// <summary>A frame in the terms that formats have in common.</summary>
/// <param name="Function">Its function.</param>
/// <param name="Line">The line of source that it is at, counted from 1; 0 where none is known.</param>
public readonly record struct ExportFrame(ExportFunction Function, int Line);

/// <summary>A function in the terms that formats have in common. Equal ones are one function.</summary>
/// <param name="Name">Its name, of Python functions the qualified one; never empty.</param>
/// <param name="Kind">What kind of code it is.</param>
/// <param name="File">Its source file as the interpreter or the compiler calls it; empty where it is not known.</param>
/// <param name="FirstLine">The line that its definition begins at; 0 where it is not known.</param>
/// <param name="Module">Index in <see cref="Profile.Modules"/> of the file that its code lies in; of Python functions of their
/// source, of others of their program or library.</param>
public sealed record ExportFunction(string Name, FrameKind Kind, string File, int FirstLine, int Module)
{
    /// <summary>What stands in place of the name of code that has none.</summary>
    public const string Unnamed = "[unknown]";

    /// <summary>What stands in place of the leaf of a stack without frames.</summary>
    public static ExportFunction Nowhere { get; } = new(Unnamed, FrameKind.Unknown, File: "", FirstLine: 0, ModuleTable.Unknown);

    /// <summary>Its source file as people know it, or the short name of its module. No part of what tells functions apart.</summary>
    public string Place { get; init; } = "";

    /// <summary>The name with the place that tells it from others, for formats that have names alone.</summary>
    public string Title => Place.Length == 0 ? Name
        : Kind == FrameKind.Python && FirstLine > 0 ? $"{Name} ({Place}:{FirstLine})"
        : $"{Name} ({Place})";

    /// <inheritdoc/>
    public bool Equals(ExportFunction? other) => other is not null
        && (Name, Kind, File, FirstLine, Module) == (other.Name, other.Kind, other.File, other.FirstLine, other.Module);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Kind, File, FirstLine, Module);
}
