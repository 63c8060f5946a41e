using System.Globalization;
using System.Text;

namespace Viperf.Core.Export.Rows;

/// <summary>
/// Comma-separated values as RFC 4180 has them, with a row of names, in UTF-8 and with the ends of lines of Unix. The stack is one
/// cell, its frames from the outermost divided by semicolons.
/// </summary>
/// <remarks>
/// Control characters are spaces, so that each sample is one line, and semicolons in names are colons. Spreadsheets run cells that begin
/// like a formula, and names come from whoever wrote the recorded program: such cells get an apostrophe in front, which spreadsheets
/// take for "this is text". The other formats of rows have such names as they are.
/// </remarks>
internal static class CsvFormat
{
    private const int Nanosecond = 1_000_000_000;

    /// <summary>A stack's cells, ready to be written.</summary>
    /// <param name="Leaf">From its kind to its line, with the commas between them.</param>
    /// <param name="Stack">The whole.</param>
    private sealed record Encoded(string Leaf, string Stack);

    /// <summary>Writes a profile.</summary>
    public static void Write(ExportSource source, Stream output)
    {
        var rows = new SampleRows<Encoded>(source, Encode);
        string eventName = Cell(source.Event.Name);
        var cells = new Dictionary<string, string>(StringComparer.Ordinal); // names of threads and processes
        using var writer = new StreamWriter(output, new UTF8Encoding(false), bufferSize: 1 << 16, leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine(string.Join(',', Columns.All));
        foreach (var row in rows.All)
        {
            Write(writer, row.SinceFirst / Nanosecond, '.');
            Write(writer, row.SinceFirst % Nanosecond, ',', "D9");
            Write(writer, row.Time, ',');
            Write(writer, eventName, ',');
            Write(writer, row.Thread.Pid, ',');
            Write(writer, row.Thread.Tid, ',');
            Write(writer, CellOf(row.Thread.Process), ',');
            Write(writer, CellOf(row.ThreadName), ',');
            if (row.Cpu is { } cpu)
            {
                Write(writer, cpu, ',');
            }
            else
            {
                writer.Write(',');
            }

            Write(writer, row.Period, ',');
            var stack = rows.StackOf(row);
            Write(writer, stack.Leaf, ',');
            Write(writer, stack.Stack, '\n');
        }

        string CellOf(string name)
        {
            if (!cells.TryGetValue(name, out string? cell))
            {
                cells.Add(name, cell = Cell(name));
            }

            return cell;
        }
    }

    private static Encoded Encode(StackText stack) => new(
        string.Join(',', stack.Kind, Cell(stack.Function), Cell(stack.File), stack.Line?.ToString(CultureInfo.InvariantCulture)),
        Cell(string.Join(';', stack.Frames.Select(static frame => frame.Replace(';', ':')))));

    /// <summary>A cell of text.</summary>
    private static string Cell(string text)
    {
        string cell = ExportText.OnOneLine(text);
        if (cell.Length > 0 && cell[0] is '=' or '+' or '-' or '@')
        {
            cell = "'" + cell;
        }

        return cell.AsSpan().ContainsAny(',', '"') ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
    }

    private static void Write(StreamWriter writer, string cell, char after)
    {
        writer.Write(cell);
        writer.Write(after);
    }

    private static void Write<T>(StreamWriter writer, T number, char after, ReadOnlySpan<char> format = default)
        where T : ISpanFormattable
    {
        Span<char> digits = stackalloc char[32]; // more than 64 bits have
        number.TryFormat(digits, out int length, format, CultureInfo.InvariantCulture);
        writer.Write(digits[..length]);
        writer.Write(after);
    }
}
