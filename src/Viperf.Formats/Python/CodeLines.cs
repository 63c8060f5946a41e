using Viperf.Formats.Bytes;

namespace Viperf.Formats.Python;

/// <summary>
/// Which lines the instructions of a code object belong to, from the table that the compiler attached to it. CPython has
/// had three kinds of tables; each is a list of entries "so many bytes of code further, so many lines on":
/// <list type="bullet">
/// <item><c>co_lnotab</c> up to 3.9: an entry's line begins where its bytes end (Objects/lnotab_notes.txt of 3.9);</item>
/// <item><c>co_linetable</c> of 3.10: an entry's line is that of its bytes (PEP 626, Objects/lnotab_notes.txt of 3.10);</item>
/// <item><c>co_linetable</c> from 3.11 on: the same with columns, in entries of several forms (Objects/locations.md, from 3.14
/// on InternalDocs/code_objects.md).</item>
/// </list>
/// </summary>
public static class CodeLines
{
    /// <summary>3.6 was the first whose line steps have a sign (bpo-26107).</summary>
    private const int FirstWithSigns = 6;

    private const int FirstWithRanges = 10;
    private const int FirstWithLocations = 11;

    /// <summary>The line step in tables of 3.10 that says that no line stands for the code.</summary>
    private const sbyte NoLine = -128;

    /// <summary>Set in the first byte of an entry of a location table, and in no other one.</summary>
    private const byte EntryStart = 0x80;

    /// <summary>Code is counted in units: an instruction, or a word of the cache behind it.</summary>
    private const int UnitBytes = 2;

    /// <summary>How an entry of a location table says its line; smaller numbers: the line stays, and columns follow.</summary>
    private enum LocationKind
    {
        /// <summary>Ten to twelve: zero to two lines on.</summary>
        OneLine = 10,

        /// <summary>A signed number of lines, no columns.</summary>
        NoColumns = 13,

        /// <summary>A signed number of lines, then the end's line and both columns.</summary>
        Long = 14,

        /// <summary>Nothing in the source stands for the code.</summary>
        None = 15,
    }

    /// <summary>Decodes a code object's table.</summary>
    /// <param name="minorVersion">Of the Python 3 that made it: 6 and later are known.</param>
    /// <param name="firstLine">Its <c>co_firstlineno</c>, which the table counts from.</param>
    /// <param name="table">Its <c>co_linetable</c>; <c>co_lnotab</c> before 3.10.</param>
    /// <param name="codeLength">Bytes of its <c>co_code</c>.</param>
    /// <param name="ranges">
    /// Gets the ranges, behind what it has already. They ascend and cover the code without a gap, and no two neighbours have the
    /// same line.
    /// </param>
    /// <returns>
    /// False if the table says less than the code has, is none that its version writes, or has more than
    /// <see cref="Limits.CodeLineRanges"/> ranges; code that it does not tell about has no line then.
    /// </returns>
    public static bool Read(
        int minorVersion, int firstLine, ReadOnlySpan<byte> table, uint codeLength, List<CodeLineRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        var lines = new Ranges(ranges, codeLength);
        switch (minorVersion)
        {
            case >= FirstWithLocations:
                ReadLocations(table, firstLine, ref lines);
                break;
            case FirstWithRanges:
                ReadRanges(table, firstLine, ref lines);
                break;
            case >= FirstWithSigns:
                ReadSteps(table, firstLine, ref lines);
                break;
        }

        return lines.Finish();
    }

    /// <summary>Reads <c>co_lnotab</c>. Behind the last entry the code goes on at its line.</summary>
    private static void ReadSteps(ReadOnlySpan<byte> table, long line, ref Ranges lines)
    {
        for (int at = 0; at + 1 < table.Length; at += 2)
        {
            if (!lines.Add(table[at], line))
            {
                return;
            }

            line += (sbyte)table[at + 1];
        }

        lines.Add(uint.MaxValue, line);
    }

    /// <summary>Reads <c>co_linetable</c> of 3.10.</summary>
    private static void ReadRanges(ReadOnlySpan<byte> table, long line, ref Ranges lines)
    {
        for (int at = 0; at + 1 < table.Length; at += 2)
        {
            sbyte step = (sbyte)table[at + 1];
            line += step == NoLine ? 0 : step;
            if (!lines.Add(table[at], step == NoLine ? 0 : line))
            {
                return;
            }
        }
    }

    /// <summary>
    /// Reads <c>co_linetable</c> of 3.11 and later. Columns are skipped as CPython skips them when it wants lines: an entry ends
    /// where the next one starts.
    /// </summary>
    private static void ReadLocations(ReadOnlySpan<byte> table, long line, ref Ranges lines)
    {
        while (!table.IsEmpty && (table[0] & EntryStart) != 0)
        {
            int start = table[0];
            int length = 1;
            while (length < table.Length && (table[length] & EntryStart) == 0)
            {
                length++;
            }

            var kind = (LocationKind)((start >> 3) & 0xf);
            int units = (start & 7) + 1;
            if (!TryReadStep(kind, table[1..length], out int step))
            {
                return;
            }

            line += step;
            if (!lines.Add((uint)(units * UnitBytes), kind == LocationKind.None ? 0 : line))
            {
                return;
            }

            table = table[length..];
        }
    }

    /// <summary>Reads how many lines further on an entry is than the one before it.</summary>
    private static bool TryReadStep(LocationKind kind, ReadOnlySpan<byte> operands, out int step)
    {
        step = 0;
        switch (kind)
        {
            case LocationKind.None:
                return true;
            case LocationKind.NoColumns or LocationKind.Long:
                return TryReadSigned(operands, out step);
            case >= LocationKind.OneLine:
                step = kind - LocationKind.OneLine;
                return operands.Length >= 2;
            default:
                return operands.Length >= 1;
        }
    }

    /// <summary>Reads a number of six bits a byte, the least first; its own lowest bit is the sign.</summary>
    private static bool TryReadSigned(ReadOnlySpan<byte> bytes, out int value)
    {
        const int PartBits = 6;
        const byte More = 0x40;
        ulong bits = 0;
        int shift = 0;
        foreach (byte part in bytes)
        {
            bits |= (ulong)(part & (More - 1)) << shift;
            shift += PartBits;
            if ((part & More) == 0)
            {
                value = (int)(uint)(bits >> 1);
                value = (bits & 1) == 0 ? value : -value;
                return bits <= uint.MaxValue;
            }

            if (shift > sizeof(uint) * 8)
            {
                break;
            }
        }

        value = 0;
        return false;
    }

    /// <summary>Puts ranges one behind the other, up to the end of the code.</summary>
    /// <param name="ranges">Gets them.</param>
    /// <param name="length">Bytes of code.</param>
    private ref struct Ranges(List<CodeLineRange> ranges, uint length)
    {
        /// <summary>Ranges before this one are of other code.</summary>
        private readonly int _first = ranges.Count;

        /// <summary>Bytes of code that have their range.</summary>
        private uint _end;

        /// <summary>Gives the next bytes of code a line; one that no file can have counts as none.</summary>
        /// <returns>False if no more can be added, because the code ends or there are too many ranges.</returns>
        public bool Add(uint bytes, long line)
        {
            uint end = bytes < length - _end ? _end + bytes : length;
            if (end == _end)
            {
                return _end < length;
            }

            uint shown = line is > 0 and <= int.MaxValue ? (uint)line : 0;
            if (ranges.Count > _first && ranges[^1].Line == shown)
            {
                ranges[^1] = ranges[^1] with { End = end };
            }
            else if (ranges.Count - _first < Limits.CodeLineRanges)
            {
                ranges.Add(new(_end, end, shown));
            }
            else
            {
                return false;
            }

            _end = end;
            return _end < length;
        }

        /// <summary>Says of the code that is left that it has no line; returns whether there was none.</summary>
        public bool Finish()
        {
            bool isWhole = _end == length;
            if (!isWhole && ranges.Count > _first && ranges[^1].Line == 0)
            {
                ranges[^1] = ranges[^1] with { End = length };
            }
            else if (!isWhole)
            {
                ranges.Add(new(_end, length, 0));
            }

            return isWhole;
        }
    }
}
