namespace Viperf.Core.Symbols;

/// <summary>A place in a source file.</summary>
/// <param name="Path">The file's path, as the compiler had it.</param>
/// <param name="Line">Counted from 1; 0 for code that the compiler gave no line.</param>
public readonly record struct SourceLine(string Path, int Line)
{
    /// <summary>The line that the function around it is declared at; 0 where nobody says.</summary>
    public int FunctionLine { get; init; }

    /// <summary>The path's last part; of a Python file the path from where modules are found.</summary>
    public string FileName { get => field ?? System.IO.Path.GetFileName(Path); init; }
}
