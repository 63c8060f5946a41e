using Viperf.Formats.Bytes;

namespace Viperf.Formats.Jit;

/// <summary>One line of a perf map.</summary>
/// <param name="Start">Virtual address of the code.</param>
/// <param name="Size">Bytes of code.</param>
/// <param name="NameOffset">Of the name's first byte in the file.</param>
/// <param name="NameLength">Bytes of the name.</param>
public readonly record struct PerfMapEntry(ulong Start, ulong Size, int NameOffset, int NameLength);

/// <summary>
/// Reads <c>/tmp/perf-PID.map</c>: lines of <c>START SIZE NAME</c>, both numbers hexadecimal. A name is every byte up
/// to the line's end, blanks included.
/// </summary>
public static class PerfMapReader
{
    /// <summary>Reads every line that is whole.</summary>
    /// <param name="map">The file's bytes.</param>
    /// <param name="badLines">Lines that are none of a perf map's. A last line without its end is still being
    /// written and does not count.</param>
    /// <returns>The lines in the file's order; of two that overlap the later one is the newer.</returns>
    /// <exception cref="ParseException">More lines than <see cref="Limits.Symbols"/>.</exception>
    public static List<PerfMapEntry> Read(ReadOnlySpan<byte> map, out int badLines)
    {
        List<PerfMapEntry> entries = [];
        badLines = 0;
        int at = 0;
        while (map[at..].IndexOf((byte)'\n') is >= 0 and int length)
        {
            var line = map.Slice(at, length);
            if (TryRead(line, at, out var entry))
            {
                if (entries.Count == Limits.Symbols)
                {
                    ParseException.Throw($"more than {Limits.Symbols} lines", "perf map", (ulong)at);
                }

                entries.Add(entry);
            }
            else if (!line.IsEmpty)
            {
                badLines++;
            }

            at += length + 1;
        }

        return entries;
    }

    private static bool TryRead(ReadOnlySpan<byte> line, int origin, out PerfMapEntry entry)
    {
        int at = 0;
        if (TryReadHex(line, ref at, out ulong start) && TryReadHex(line, ref at, out ulong size) && size != 0)
        {
            var name = line[at..].TrimEnd((byte)'\r');
            entry = new PerfMapEntry(start, size, origin + at, name.Length);
            return !name.IsEmpty;
        }

        entry = default;
        return false;
    }

    /// <summary>Reads a number and the blank behind it; some runtimes write <c>0x</c> before it.</summary>
    private static bool TryReadHex(ReadOnlySpan<byte> line, ref int at, out ulong value)
    {
        if (line[at..].StartsWith("0x"u8))
        {
            at += 2;
        }

        value = 0;
        int first = at;
        for (; at < line.Length && char.IsAsciiHexDigit((char)line[at]); at++)
        {
            value = (value << 4) | HexDigit(line[at]);
        }

        bool isNumber = at - first is > 0 and <= 16 && at < line.Length && line[at] is (byte)' ' or (byte)'\t';
        at++;
        return isNumber;
    }

    private static uint HexDigit(byte digit) =>
        digit <= '9' ? (uint)(digit - '0') : (uint)((digit | 0x20) - 'a' + 10);
}
