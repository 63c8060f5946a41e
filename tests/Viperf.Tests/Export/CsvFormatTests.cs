using System.Globalization;
using System.Text;
using Viperf.Core.Export.Rows;
using Xunit;

namespace Viperf.Tests.Export;

public class CsvFormatTests
{
    private readonly SampledProfile _made = new();

    [Fact]
    public void A_line_says_all_of_a_sample()
    {
        _made.Add([_made.Python("<module>", line: 9), _made.Python("f", line: 3)], pid: 7, tid: 8, comm: "worker", cpu: 2)
            .Add([_made.Native("operator,")], pid: 7, tid: 7);

        Assert.Equal(
            """
            time,time_ns,event,pid,tid,process,thread,cpu,period,kind,function,file,line,stack
            0.000000000,5000000000,cpu-clock,7,8,python,worker,2,1000000,python,f,/srv/app.py,3,<module> (app.py:9);f (app.py:3)
            0.001000000,5001000000,cpu-clock,7,7,python,python,,1000000,native,"operator,",,,"operator, (libfoo.so)"

            """,
            _made.Text(CsvFormat.Write));
    }

    [Theory]
    [InlineData("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", " =1")]
    [InlineData("a\"b", "a\"b")]
    [InlineData("two\r\nlines", "two  lines")]
    [InlineData("nul\0", "nul ")]
    [InlineData("\u2028", " ")]
    [InlineData("semi;colon", "semi;colon")]
    public void Cells_are_text_whatever_is_in_them(string name, string cell)
    {
        _made.Add([_made.Python(name)], comm: name);

        var row = Rows(_made.Text(CsvFormat.Write))[1];

        Assert.Equal(cell, row[6]);
        Assert.Equal(cell, row[10]);
    }

    [Fact]
    public void Each_sample_is_one_line_of_as_many_cells()
    {
        string text = _made.AddHostile().Text(CsvFormat.Write);
        var rows = Rows(text);

        Assert.Equal(1 + 2 * SampledProfile.HostileNames.Length, rows.Count);
        Assert.Equal(rows.Count, text.TrimEnd('\n').ReplaceLineEndings("\n").Split('\n').Length);
        Assert.All(rows, static row => Assert.Equal(14, row.Length));
        Assert.Equal(
            _made.Source().TotalPeriod,
            rows.Skip(1).Aggregate(0UL, static (sum, row) => sum + ulong.Parse(row[8], CultureInfo.InvariantCulture)));
        Assert.All(rows.Skip(1), static row => Assert.InRange(row[13].Split(';').Length, 2, 3));
        Assert.All(rows.SelectMany(static row => row), static cell => Assert.False(cell.Length > 0 && "=+-@".Contains(cell[0], StringComparison.Ordinal)));
    }

    /// <summary>Takes text apart as RFC 4180 says.</summary>
    private static List<string[]> Rows(string text)
    {
        var rows = new List<string[]>();
        var row = new List<string>();
        var cell = new StringBuilder();
        bool isQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '"' && isQuoted && i + 1 < text.Length && text[i + 1] == '"')
            {
                cell.Append(text[i++]);
            }
            else if (c == '"' && (isQuoted || cell.Length == 0))
            {
                isQuoted = !isQuoted;
            }
            else if (!isQuoted && c is ',' or '\n')
            {
                row.Add(cell.ToString());
                cell.Clear();
                if (c == '\n')
                {
                    rows.Add([.. row]);
                    row.Clear();
                }
            }
            else
            {
                cell.Append(c);
            }
        }

        return rows;
    }
}
