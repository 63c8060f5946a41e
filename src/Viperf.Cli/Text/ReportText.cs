using System.Globalization;
using Viperf.Core.Profiles;
using Viperf.Core.Views;

namespace Viperf.Cli.Text;

/// <summary>Writes histograms as the text of <c>perf report --stdio</c>.</summary>
internal sealed class ReportText
{
    private const int PercentWidth = 8;
    private const int NumberWidth = 12;

    /// <summary>CPU numbers have at least three digits.</summary>
    private const string CpuFormat = "D3";

    /// <summary>Digits of an address that nothing names, and the module's least width beside one.</summary>
    private const int AddressWidth = 16;

    /// <summary>The processor's mode in front of a function: <c>[.] </c>.</summary>
    private const int ModeWidth = 4;

    /// <summary>The thread's number and the colon in front of its name.</summary>
    private const int TidWidth = 8;

    private readonly Utf8Output _output;
    private readonly ReportLayout _layout;
    private readonly int[] _widths;

    /// <summary>Writes to <paramref name="output"/>, which flushes when it likes.</summary>
    public ReportText(Utf8Output output, ReportLayout layout)
    {
        _output = output;
        _layout = layout;
        _widths = new int[layout.Columns.Count];
    }

    /// <summary>Writes a profile's histograms, those of events without samples excepted.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="histograms">Its histograms.</param>
    /// <param name="stacks">By event, how many stacks are complete; null where nobody is to be told.</param>
    public void Write(Profile profile, IReadOnlyList<Histogram> histograms, IReadOnlyList<StackQuality>? stacks = null)
    {
        if (!_layout.Quiet)
        {
            foreach (var (name, value) in _layout.Constants)
            {
                _output.Add("# "u8).Add(name).Add(": "u8).Add(value).Add("\n"u8);
            }

            _output.Add("#\n# Total Lost Samples: "u8).AddDecimal(profile.LostSamples).Add("\n#\n"u8);
        }

        foreach (var histogram in histograms)
        {
            if (histogram.TotalSamples != 0)
            {
                Write(profile.Events[histogram.EventIndex].Name, histogram, stacks?[histogram.EventIndex]);
                _output.Add("\n\n"u8);
            }
        }
    }

    private void Write(string eventName, Histogram histogram, StackQuality? stacks)
    {
        FindWidths(histogram);
        if (!_layout.Quiet)
        {
            WriteSummary(eventName, histogram, stacks);
            WriteTitles();
        }

        ulong total = _layout.RelativePercentages ? histogram.ShownPeriod : histogram.TotalPeriod;
        bool showsGraph = _layout.Style != CallGraphStyle.None;
        var graph = new ReportCallGraph(_output, histogram, _layout, total);
        ulong leastForGraph = (ulong)(histogram.TotalPeriod * (_layout.CallGraphPercentLimit / 100));
        foreach (var entry in histogram.Entries)
        {
            if ((float)Percent(entry.ChildrenPeriod, total) < (float)_layout.PercentLimit)
            {
                continue;
            }

            WriteEntry(entry, total);
            if (showsGraph && (_layout.Style == CallGraphStyle.Fractal || entry.ChildrenPeriod >= leastForGraph))
            {
                graph.Write(entry);
            }

            _output.FlushIfLarge();
        }
    }

    private void WriteSummary(string eventName, Histogram histogram, StackQuality? stacks)
    {
        ulong samples = _layout.RelativePercentages ? histogram.ShownSamples : histogram.TotalSamples;
        char unit = ' ';
        foreach (char next in "KMG")
        {
            if (samples <= 1000)
            {
                break;
            }

            samples /= 1000;
            unit = next;
        }

        _output.Add("# Samples: "u8);
        _output.AddDecimal(samples);
        _output.Add($"{unit} of event '{eventName}'");
        if (_layout.TimeSlice is { } slice)
        {
            _output.Add($" (time slices: {slice})");
        }

        _output.Add("\n# Event count (approx.): "u8);
        _output.AddDecimal(_layout.RelativePercentages ? histogram.ShownPeriod : histogram.TotalPeriod);
        _output.Add("\n"u8);
        if (stacks is not null && StackText.Summary(stacks) is { } summary)
        {
            _output.Add("# Stacks: "u8).Add(summary).Add("\n"u8);
        }

        _output.Add("#\n"u8);
    }

    private void WriteTitles()
    {
        _output.Add("# "u8);
        for (int i = 0; i < _widths.Length; i++)
        {
            string title = _layout.Columns[i].Title;
            if (_layout.Separator is { } separator)
            {
                _output.Add(i == 0 ? "" : separator);
                _output.Add(title.Trim());
                continue;
            }

            _output.Add(i == 0 ? ""u8 : "  "u8);
            bool isNumber = IsNumber(_layout.Columns[i].Column);
            _output.AddSpaces(isNumber ? _widths[i] - title.Length : 0);
            _output.Add(title);
            _output.AddSpaces(isNumber ? 0 : _widths[i] - title.Length);
        }

        _output.Add("\n"u8);
        if (_layout.Separator is not null)
        {
            return;
        }

        _output.Add("# "u8);
        for (int i = 0; i < _widths.Length; i++)
        {
            _output.Add(i == 0 ? ""u8 : "  "u8);
            _output.Add(new string('.', _widths[i]));
        }

        _output.Add("\n#\n"u8);
    }

    private void WriteEntry(HistogramEntry entry, ulong total)
    {
        for (int i = 0; i < _widths.Length; i++)
        {
            var column = _layout.Columns[i].Column;
            bool isLast = i == _widths.Length - 1;
            if (_layout.Separator is { } separator)
            {
                _output.Add(i == 0 ? "" : separator);
                WriteCell(entry, column, total, width: 0, numberWidth: 0);
                continue;
            }

            _output.Add("  "u8);
            int numberWidth = i < _layout.Widths.Count ? _layout.Widths[i] : NaturalNumberWidth(column);
            int written = WriteCell(entry, column, total, _widths[i], numberWidth);
            bool pads = !isLast || column is HistogramColumn.Comm or HistogramColumn.Dso or HistogramColumn.Thread
                or HistogramColumn.Process;
            _output.AddSpaces(pads ? _widths[i] - written : 0);
        }

        _output.Add("\n"u8);
    }

    /// <summary>
    /// Writes a cell without the padding after it, and returns its width; 0 for <paramref name="width"/> means as
    /// wide as it is.
    /// </summary>
    private int WriteCell(HistogramEntry entry, HistogramColumn column, ulong total, int width, int numberWidth)
    {
        switch (column)
        {
            case HistogramColumn.Children:
                return WritePercent(entry.ChildrenPeriod, total, numberWidth);
            case HistogramColumn.Self:
                return WritePercent(entry.SelfPeriod, total, numberWidth);
            case HistogramColumn.SelfKernel:
                return WritePercent(entry.SelfKernelPeriod, total, numberWidth);
            case HistogramColumn.SelfUser:
                return WritePercent(entry.SelfUserPeriod, total, numberWidth);
            case HistogramColumn.Samples:
                return WriteNumber(entry.SelfSamples, numberWidth);
            case HistogramColumn.Period:
                return WriteNumber(entry.SelfPeriod, numberWidth);
            case HistogramColumn.Comm:
                return WriteText(entry.Comm, width);
            case HistogramColumn.Process or HistogramColumn.Thread:
                int id = column == HistogramColumn.Process ? entry.Pid : entry.Tid;
                string number = id.ToString(CultureInfo.InvariantCulture);
                return WriteText($"{(width == 0 ? number : number.PadLeft(TidWidth - 1))}:{entry.Comm}", width);
            case HistogramColumn.Dso:
                return WriteText(NameOf(entry.Module), width);
            case HistogramColumn.Cpu:
                return WriteText(entry.Cpu.ToString(CpuFormat, CultureInfo.InvariantCulture), width: 0);
            case HistogramColumn.SourceLine:
                return WriteText(entry.SourceLine, width);
            default:
                _output.Add(ModeText(entry.Mode));
                string name = entry.Function.IsNamed ? NameOf(entry) : AddressText(entry.Function.Start);
                return ModeWidth + WriteText(name, width == 0 ? 0 : Math.Max(width - ModeWidth, 1));
        }
    }

    private int WritePercent(ulong period, ulong total, int width)
    {
        if (width == 0)
        {
            _output.AddPercent(Percent(period, total), 0, _layout.Colors);
            return 0;
        }

        double percent = Percent(period, total);
        _output.Add(" "u8);
        _output.AddPercent(percent, width - 2, _layout.Colors);
        int digits = percent >= 100 ? 6 : percent >= 10 ? 5 : 4;
        return Math.Max(width, digits + 2);
    }

    private int WriteNumber(ulong number, int width)
    {
        _output.AddDecimal(number, width);
        return width;
    }

    /// <summary>Writes as much of a text as fits into the column; all of it for a width of 0.</summary>
    private int WriteText(string text, int width)
    {
        int length = width == 0 ? text.Length : Math.Min(width, text.Length);
        if (_layout.Separator is { Length: > 0 } separator && text.Contains(separator, StringComparison.Ordinal))
        {
            _output.Add(text.Replace(separator, ".", StringComparison.Ordinal));
            return length;
        }

        _output.Add(length == text.Length ? text : text[..length]);
        return length;
    }

    /// <summary>Each column as wide as its widest cell, those of entries under the limit included, or as asked for.</summary>
    private void FindWidths(Histogram histogram)
    {
        bool hasUnnamed = false;
        Array.Clear(_widths);
        foreach (var entry in histogram.Entries)
        {
            hasUnnamed |= !entry.Function.IsNamed;
            for (int i = 0; i < _widths.Length; i++)
            {
                _widths[i] = Math.Max(_widths[i], NaturalWidth(entry, _layout.Columns[i].Column));
            }
        }

        for (int i = 0; i < _widths.Length; i++)
        {
            var (column, title) = _layout.Columns[i];
            int natural = hasUnnamed && column == HistogramColumn.Dso ? Math.Max(_widths[i], AddressWidth) : _widths[i];
            bool isAsked = i < _layout.Widths.Count;
            int width = isAsked ? _layout.Widths[i] : Math.Max(natural, NaturalNumberWidth(column));
            _widths[i] = isAsked && !IsNumber(column) ? width : Math.Max(width, title.Length);
        }
    }

    private int NaturalWidth(HistogramEntry entry, HistogramColumn column) => column switch
    {
        HistogramColumn.Comm => entry.Comm.Length,
        HistogramColumn.Process or HistogramColumn.Thread => TidWidth + entry.Comm.Length,
        HistogramColumn.Dso => NameOf(entry.Module).Length,
        HistogramColumn.Symbol =>
            ModeWidth + (entry.Function.IsNamed ? NameOf(entry).Length : "0x".Length + AddressWidth),
        HistogramColumn.SourceLine => entry.SourceLine.Length,
        _ => 0,
    };

    private static int NaturalNumberWidth(HistogramColumn column) => column switch
    {
        HistogramColumn.Children or HistogramColumn.Self or HistogramColumn.SelfKernel or HistogramColumn.SelfUser =>
            PercentWidth,
        HistogramColumn.Samples or HistogramColumn.Period => NumberWidth,
        _ => 0,
    };

    private static bool IsNumber(HistogramColumn column) => NaturalNumberWidth(column) != 0;

    /// <summary>A function's name; that of a Python function without what stands in a column of its own: the line, or the file.</summary>
    private string NameOf(HistogramEntry entry) =>
        entry.Function.Place is not null && _layout.Columns.Any(static column => column.Column == HistogramColumn.SourceLine)
            ? entry.Function.Name
            : entry.Function.Place is { } place && place.StartsWith(entry.Module.Name, StringComparison.Ordinal)
            && _layout.Columns.Any(static column => column.Column == HistogramColumn.Dso)
                ? entry.Function.Name + place[entry.Module.Name.Length..]
                : entry.Function.Title;

    private string NameOf(Module module) => _layout.LongNames ? module.Path : module.Name;

    private static double Percent(ulong part, ulong total) => total == 0 ? 0 : part * 100.0 / total;

    /// <summary>C's <c>%#016lx</c> with sixteen digits, which gives zero no prefix.</summary>
    private static string AddressText(ulong address) =>
        address == 0 ? new string('0', AddressWidth) : $"0x{address:x16}";

    private static ReadOnlySpan<byte> ModeText(FrameMode mode) => mode switch
    {
        FrameMode.Kernel => "[k] "u8,
        FrameMode.User => "[.] "u8,
        FrameMode.Hypervisor => "[H] "u8,
        FrameMode.GuestKernel => "[g] "u8,
        FrameMode.GuestUser => "[u] "u8,
        _ => "[?] "u8,
    };
}
