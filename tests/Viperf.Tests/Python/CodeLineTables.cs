using Viperf.Formats.Python;

namespace Viperf.Tests.Python;

/// <summary>Writes line tables as CPython's compilers do, of any version.</summary>
internal static class CodeLineTables
{
    private const int UnitBytes = 2;
    private const int MostUnits = 8;

    /// <summary>The table of ranges that cover code from its first byte on.</summary>
    /// <param name="minor">Of the version.</param>
    /// <param name="firstLine">What the table counts from.</param>
    /// <param name="ranges">No line 0 before 3.10; whole units from 3.11 on.</param>
    /// <param name="random">Chooses among the forms that an entry may have.</param>
    public static byte[] Write(int minor, int firstLine, IReadOnlyList<CodeLineRange> ranges, Random random)
    {
        List<byte> table = [];
        int line = firstLine;
        foreach (var range in ranges)
        {
            int step = range.Line == 0 ? 0 : (int)range.Line - line;
            line += step;
            int bytes = (int)(range.End - range.Start);
            if (minor >= 11)
            {
                Locations(table, bytes / UnitBytes, range.Line == 0 ? null : step, random);
            }
            else if (minor == 10)
            {
                Ranges(table, bytes, range.Line == 0 ? null : step);
            }
            else
            {
                Steps(table, bytes, step);
            }
        }

        return [.. table];
    }

    /// <summary>A signed number as location tables have it.</summary>
    public static byte[] Signed(int value)
    {
        List<byte> bytes = [];
        ulong bits = value < 0 ? ((ulong)-(long)value << 1) | 1 : (ulong)value << 1;
        for (; bits >= 0x40; bits >>= 6)
        {
            bytes.Add((byte)(0x40 | (bits & 0x3f)));
        }

        bytes.Add((byte)bits);
        return [.. bytes];
    }

    /// <summary><c>co_lnotab</c>: the step of the line, then the bytes that have it.</summary>
    private static void Steps(List<byte> table, int bytes, int step)
    {
        for (; step is > 127 or < -128; step -= step > 0 ? 127 : -128)
        {
            table.AddRange([0, (byte)(step > 0 ? 127 : 0x80)]);
        }

        // The entry before says how far its line went; a step stands in the entry that reaches its start.
        table.AddRange([0, (byte)step]);
        for (; bytes > 255; bytes -= 255)
        {
            table.AddRange([255, 0]);
        }

        table.AddRange([(byte)bytes, 0]);
    }

    private static void Ranges(List<byte> table, int bytes, int? step)
    {
        for (; step is > 127 or < -127; step -= step > 0 ? 127 : -127)
        {
            table.AddRange([0, (byte)(step > 0 ? 127 : -127)]);
        }

        byte first = (byte)(step ?? -128);
        for (; bytes > 254; bytes -= 254)
        {
            table.AddRange([254, first]);
            first = step is null ? first : (byte)0;
        }

        table.AddRange([(byte)bytes, first]);
    }

    private static void Locations(List<byte> table, int units, int? step, Random random)
    {
        for (; units > MostUnits; units -= MostUnits)
        {
            Location(table, MostUnits, step, random);
            step = step is null ? null : 0;
        }

        Location(table, units, step, random);
    }

    private static void Location(List<byte> table, int units, int? step, Random random)
    {
        int kind = step switch
        {
            null => 15,
            0 => random.Next(15),
            1 or 2 => random.Next(3) is 0 ? 10 + step.Value : 13 + random.Next(2),
            _ => 13 + random.Next(2),
        };
        kind = step == 0 && kind is 11 or 12 ? 10 : kind;
        table.Add((byte)(0x80 | (kind << 3) | (units - 1)));
        table.AddRange(kind switch
        {
            15 => [],
            14 => [.. Signed(step!.Value), 0x41, 0x02, 0x45, 0x01, 0x06],
            13 => Signed(step!.Value),
            >= 10 => [0x7f, 0x00],
            _ => [0x3f],
        });
    }
}
