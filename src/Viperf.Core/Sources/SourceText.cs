using System.Text;
using Viperf.Core.Linux;

namespace Viperf.Core.Sources;

/// <summary>A source file's lines. The file may hold anything: its lines can be shown only through <see cref="SourceLines.Shown"/>.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Written">When it was last written.</param>
/// <param name="Lines">Its lines without their ends; line 1 has index 0.</param>
public sealed record SourceText(string Path, DateTime Written, IReadOnlyList<string> Lines)
{
    /// <summary>The largest source that is shown; SQLite's amalgamation has 9 MiB.</summary>
    public const int MostBytes = 16 * 1024 * 1024;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its path; a recording may name any.</param>
    /// <param name="isPython">Whether it may declare its encoding as Python's do.</param>
    /// <exception cref="IOException">It is not there, no regular file, or too large.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static SourceText Read(string path, bool isPython)
    {
        using var file = new FileSource(path);
        ulong length = file.Length;
        if (length > MostBytes)
        {
            throw new IOException($"larger than {MostBytes >> 20} MiB");
        }

        byte[] bytes = new byte[(int)length];
        int got = file.ReadAt(0, bytes);
        return new(path, File.GetLastWriteTimeUtc(path), LinesOf(bytes.AsSpan(0, got), isPython));
    }

    /// <summary>Takes a file's text apart, at every line end that Python knows.</summary>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="isPython">Whether it may declare its encoding as Python's do.</param>
    public static IReadOnlyList<string> LinesOf(ReadOnlySpan<byte> bytes, bool isPython)
    {
        var rest = bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
        string text = (isPython ? SourceEncoding.Declared(rest) : Encoding.UTF8).GetString(rest);
        var lines = new List<string>();
        int start = 0;
        for (int end; (end = text.AsSpan(start).IndexOfAny('\r', '\n')) >= 0;)
        {
            end += start;
            lines.Add(text[start..end]);
            start = end + (text.AsSpan(end).StartsWith("\r\n") ? 2 : 1);
        }

        if (start < text.Length)
        {
            lines.Add(text[start..]);
        }

        return lines;
    }
}
