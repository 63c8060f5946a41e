using Viperf.Core.Export;
using Viperf.Core.Sources;

namespace Viperf.Cli.Web;

/// <summary>The sources that go into a page.</summary>
/// <param name="finder">Where they are looked for.</param>
/// <param name="recorded">When the recording was made; null where nobody knows.</param>
internal sealed class PageSources(SourceFinder finder, DateTime? recorded)
{
    /// <summary>
    /// How names of sources end. A page goes to other people, and a recording may name any file of this machine: without one of
    /// these it could be a key.
    /// </summary>
    private static readonly string[] s_extensions =
    [
        ".py", ".pyw", ".pyx", ".pxd", ".pxi", ".c", ".cc", ".cpp", ".cxx", ".c++", ".h", ".hh", ".hpp", ".hxx", ".inc", ".inl", ".ipp",
        ".tcc", ".def", ".s", ".asm", ".rs", ".go", ".f", ".f90", ".for", ".zig", ".swift", ".d", ".m", ".mm", ".cu", ".cuh", ".y", ".l",
        ".java", ".kt", ".js", ".ts",
    ];

    /// <summary>Takes no sources.</summary>
    public static ViewerSource None(string file, bool isPython) => new(null, "not in the page: it was made with --no-source");

    /// <summary>Looks for one.</summary>
    public ViewerSource Find(string file, bool isPython)
    {
        if (finder.TryRead(file, isPython, out string? problem) is not { } source)
        {
            return new(null, $"no source: {problem}");
        }

        if (!IsSource(file, source, isPython))
        {
            return new(null, "not in the page: neither its name nor its first line says that it is a program's source");
        }

        string? note = source.Written > recorded ? "changed after the recording: lines may be others than they were" : null;
        return new(string.Join('\n', source.Lines.Select(SourceLines.Shown)), note);
    }

    private static bool IsSource(string file, SourceText source, bool isPython) =>
        s_extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)
        || (isPython && source.Lines is [var first, ..] && first.StartsWith("#!", StringComparison.Ordinal)
            && first.Contains("python", StringComparison.Ordinal));
}
