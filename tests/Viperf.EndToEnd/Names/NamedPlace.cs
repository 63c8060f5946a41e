using System.Globalization;
using System.Text.RegularExpressions;
using Viperf.EndToEnd.Harness;

namespace Viperf.EndToEnd.Names;

/// <summary>A function at a place in code, and its line there.</summary>
/// <param name="Name">As it was printed.</param>
/// <param name="Line">Base name and number, such as <c>inlines.h:19</c>; null where none is known.</param>
internal sealed record NamedFunction(string Name, string? Line)
{
    /// <summary>
    /// A line without directories and discriminator; null for the ways to say that there is none, which are <c>??:0</c>,
    /// <c>:0</c>, <c>file.c:0</c> (in addr2line's words <c>file.c:?</c>) and <c>module[address]</c>.
    /// </summary>
    public static string? LineOf(string text)
    {
        var parts = Regex.Match(text, @"^(.*/)?([^/:]+):([1-9][0-9]*)( \(discriminator [0-9]+\))?$");
        return parts.Success && !text.StartsWith('?') ? $"{parts.Groups[2].Value}:{parts.Groups[3].Value}" : null;
    }
}

/// <summary>A distinct place in code that a recording met, and what viperf says of it.</summary>
/// <param name="File">The module's path.</param>
/// <param name="Address">Where it is looked up, as the file counts addresses: one byte back for callers.</param>
/// <param name="Functions">Innermost first; the last one is not inlined.</param>
internal sealed partial record NamedPlace(string File, ulong Address, IReadOnlyList<NamedFunction> Functions)
{
    /// <summary>The distinct places in files of a recording without kernel samples, as <c>viperf script</c> prints them.</summary>
    /// <exception cref="FormatException">A line is neither a frame nor a source line.</exception>
    public static List<NamedPlace> Of(string recording, params IEnumerable<string> options)
    {
        var places = new Dictionary<(string, ulong), NamedPlace>();
        var segments = new Dictionary<string, List<Segment>>();
        var functions = new List<NamedFunction>();
        bool isLeaf = true;
        string text = ViperfBinary.Run(["script", "-i", recording, "-F", "ip,sym,dso,srcline", .. options]).Succeeded().Output;
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length == 0)
            {
                isLeaf = true;
                continue;
            }

            var frame = FrameLine().Match(lines[i]);
            if (!frame.Success)
            {
                throw new FormatException($"not a frame of script: {lines[i]}");
            }

            // The line of the frame's source, where it has any; an inlined function's ends in its mark and names no module.
            string source = i + 1 < lines.Length && lines[i + 1].StartsWith("  ", StringComparison.Ordinal) ? lines[++i].Trim() : "";
            bool isInlined = source.EndsWith(" (inlined)", StringComparison.Ordinal);
            string rest = frame.Groups[2].Value;
            int module = isInlined ? rest.Length : rest.LastIndexOf(" (", StringComparison.Ordinal);
            functions.Add(new(rest[..module], NamedFunction.LineOf(source.Replace(" (inlined)", ""))));
            if (isInlined)
            {
                continue;
            }

            string file = rest[(module + 2)..^1];
            if (IsMachineCode(file))
            {
                ulong offset = Convert.ToUInt64(frame.Groups[1].Value, 16) - (isLeaf ? 0u : 1u);
                if (!segments.TryGetValue(file, out var ofFile))
                {
                    segments[file] = ofFile = Segment.Of(file);
                }

                places.TryAdd((file, offset), new(file, Segment.AddressOf(ofFile, offset), functions));
            }

            functions = [];
            isLeaf = false;
        }

        return [.. places.Values];
    }

    /// <summary>Functions and their lines in one line, innermost first.</summary>
    public static string Text(IEnumerable<NamedFunction> functions) =>
        string.Join("; ", functions.Select(function => $"{function.Name} {function.Line ?? "-"}"));

    /// <summary>
    /// In one line for comparison. For viperf, as for perf, a function that is not inlined has its symbol's name: a clone's has a
    /// suffix, and a constructor, which starts where another one does, may have the other's.
    /// </summary>
    public static string Comparable(IReadOnlyList<NamedFunction> functions)
    {
        // What has no debug information at all, such as the C library in a static program, is only said to have none: its symbols
        // and the stubs that call through the linkage table have names that differ from tool to tool.
        if (functions is [{ Line: null }])
        {
            return "-";
        }

        string outermost = CloneSuffix().Replace(functions[^1].Name, "").Replace("C2E", "C1E").Replace("D2E", "D1E");
        return Text([.. functions.SkipLast(1), functions[^1] with { Name = outermost }]);
    }

    [GeneratedRegex(@"(\.(cold|part|isra|constprop|lto_priv|llvm)(\.\d+)*)+$")]
    private static partial Regex CloneSuffix();

    /// <summary>Whether a module is a file of machine code that is still there; a perf map is none.</summary>
    private static bool IsMachineCode(string file)
    {
        if (!System.IO.File.Exists(file))
        {
            return false;
        }

        using var stream = System.IO.File.OpenRead(file);
        Span<byte> magic = stackalloc byte[4];
        return stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == 4 && magic.SequenceEqual("\u007fELF"u8);
    }

    [GeneratedRegex(@"^\t *([0-9a-f]+) (.*)$")]
    private static partial Regex FrameLine();

    /// <summary>A segment of an ELF file that is loaded.</summary>
    private sealed record Segment(ulong Offset, ulong Address, ulong Size)
    {
        /// <summary>The file's segments, as readelf lists them.</summary>
        public static List<Segment> Of(string file) =>
        [
            .. new Tool { File = "readelf" }.Run("-lW", file).Succeeded().Lines
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(parts => parts is ["LOAD", ..])
                .Select(parts => new Segment(Number(parts[1]), Number(parts[2]), Number(parts[4]))),
        ];

        /// <summary>The address that code at an offset of the file has.</summary>
        public static ulong AddressOf(IEnumerable<Segment> segments, ulong offset) => segments
            .Where(segment => offset >= segment.Offset && offset - segment.Offset < segment.Size)
            .Select(segment => offset - segment.Offset + segment.Address)
            .First();

        private static ulong Number(string text) => ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
