using System.Text;
using Viperf.Core.Profiles;

namespace Viperf.Core.Export;

/// <summary>The source files that a profile's functions lie in, those with most samples first, and their texts.</summary>
internal sealed class ViewerFiles
{
    /// <summary>Bytes of text at most, in UTF-8, so that a page stays one that browsers open at once.</summary>
    public const int MostBytes = 24 * 1024 * 1024;

    /// <summary>A function whose file is not known.</summary>
    public const int None = -1;

    private readonly List<ViewerFile> _files = [];
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);

    /// <summary>Finds the files and their texts.</summary>
    /// <param name="functions">The profile's functions.</param>
    /// <param name="samples">Of each function, the numbers of samples that files are ordered by, the deciding one first.</param>
    /// <param name="sources">Knows the texts.</param>
    public ViewerFiles(IReadOnlyList<ExportFunction> functions, IReadOnlyList<ulong[]> samples, SourceLookup sources)
    {
        var files = functions.Select(static (function, index) => (function, index))
            .Where(static one => one.function.File.Length > 0)
            .GroupBy(static one => one.function.File, StringComparer.Ordinal)
            .Select(file => (
                Function: file.OrderBy(static one => one.function.Kind != FrameKind.Python).First().function,
                Samples: samples.Select(counts => file.Aggregate(0UL, (sum, one) => sum + counts[one.index])).ToArray()));
        var ordered = files.OrderByDescending(static file => file.Samples[0]);
        for (int i = 1; i < samples.Count; i++)
        {
            int next = i;
            ordered = ordered.ThenByDescending(file => file.Samples[next]);
        }

        long room = MostBytes;
        foreach (var (function, _) in ordered.ThenBy(static file => file.Function.File, StringComparer.Ordinal))
        {
            bool isPython = function.Kind == FrameKind.Python;
            var source = sources(function.File, isPython);
            if (source.Text is { } text && (room -= Encoding.UTF8.GetByteCount(text)) < 0)
            {
                room += Encoding.UTF8.GetByteCount(text); // a smaller one may still have room
                source = new(null, $"not in the page: its sources are more than {MostBytes >> 20} MiB");
            }

            _indexes.Add(function.File, _files.Count);
            _files.Add(new ViewerFile(
                isPython && function.Place.Length > 0 ? function.Place : Path.GetFileName(function.File), function.File, source));
        }
    }

    /// <summary>The files.</summary>
    public IReadOnlyList<ViewerFile> All => _files;

    /// <summary>The index of a function's file, or <see cref="None"/>.</summary>
    public int IndexOf(ExportFunction function) => _indexes.GetValueOrDefault(function.File, None);
}

/// <summary>A source file.</summary>
/// <param name="Name">As people know it.</param>
/// <param name="Path">As the interpreter or the compiler calls it.</param>
/// <param name="Source">Its text.</param>
internal sealed record ViewerFile(string Name, string Path, ViewerSource Source);
