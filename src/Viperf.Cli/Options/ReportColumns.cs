using Viperf.Cli.Text;
using Viperf.Core;
using Viperf.Core.Views;

namespace Viperf.Cli.Options;

/// <summary>
/// perf's rules for <c>-s</c> and <c>-F</c>: which columns a report has, and what its entries are told apart and
/// sorted by.
/// </summary>
internal sealed class ReportColumns
{
    /// <summary>perf's default keys.</summary>
    public const string DefaultKeys = "comm,dso,symbol";

    /// <summary>Columns by the names that options know them by.</summary>
    private static readonly OrderedDictionary<string, ReportColumn> s_byName = new(StringComparer.Ordinal)
    {
        ["overhead"] = new(HistogramColumn.Self, "Overhead"),
        ["overhead_children"] = new(HistogramColumn.Children, "Children"),
        ["overhead_sys"] = new(HistogramColumn.SelfKernel, "sys"),
        ["overhead_us"] = new(HistogramColumn.SelfUser, "usr"),
        ["sample"] = new(HistogramColumn.Samples, "Samples"),
        ["period"] = new(HistogramColumn.Period, "Period"),
        ["comm"] = new(HistogramColumn.Comm, "Command"),
        ["pid"] = new(HistogramColumn.Thread, "    Pid:Command"), // perf's name for it, though it is the thread
        ["tid"] = new(HistogramColumn.Thread, "    Tid:Command"),
        ["tgid"] = new(HistogramColumn.Process, "   Tgid:Command"),
        ["dso"] = new(HistogramColumn.Dso, "Shared Object"),
        ["sym"] = new(HistogramColumn.Symbol, "Symbol"),
        ["symbol"] = new(HistogramColumn.Symbol, "Symbol"),
        ["cpu"] = new(HistogramColumn.Cpu, "CPU"),
        ["srcline"] = new(HistogramColumn.SourceLine, "Source:Line"),
    };

    private ReportColumns(List<ReportColumn> shown, List<HistogramColumn> order)
    {
        Shown = shown;
        Order = order;
    }

    /// <summary>The names that -s and -F know, for their help.</summary>
    public static string Names => string.Join(',', s_byName.Keys);

    /// <summary>The columns from left to right.</summary>
    public IReadOnlyList<ReportColumn> Shown { get; }

    /// <summary>What entries are sorted by, keys included.</summary>
    public IReadOnlyList<HistogramColumn> Order { get; }

    /// <summary>The columns of lines ranked by what they cost by themselves.</summary>
    /// <param name="children">Whether callers get entries.</param>
    public static ReportColumns ByLine(bool children)
    {
        List<ReportColumn> shown = [new(HistogramColumn.Self, "Self"), new(HistogramColumn.Children, "Total"),
            new(HistogramColumn.Symbol, "Function"), new(HistogramColumn.SourceLine, "Line")];
        shown.RemoveAll(column => column.Column == HistogramColumn.Children && !children);
        return new ReportColumns(shown, [.. shown.Select(static column => column.Column)]);
    }

    /// <summary>Finds the columns.</summary>
    /// <param name="sort">The value of -s, or null. A leading + adds to the default keys.</param>
    /// <param name="fields">The value of -F, or null. A leading + adds to the default columns.</param>
    /// <param name="children">Whether callers get entries.</param>
    /// <param name="extra">Columns that other options ask for.</param>
    /// <exception cref="UserErrorException">An unknown name.</exception>
    public static ReportColumns Parse(
        string? sort, string? fields, bool children, params ReadOnlySpan<HistogramColumn> extra)
    {
        bool hasFixedFields = fields is not null && !fields.StartsWith('+');
        var shown = new List<ReportColumn>();
        var order = new List<HistogramColumn>();
        if (hasFixedFields)
        {
            AddAll(shown, fields!, "-F");
            order.AddRange(Keys(sort, "").Select(column => column.Column));
            shown.AddRange(Keys(sort, "").Where(key => shown.All(column => column.Column != key.Column)));
        }
        else
        {
            if (children)
            {
                shown.Add(s_byName["overhead_children"]);
            }

            shown.Add(s_byName["overhead"] with { Title = children ? "Self" : "Overhead" });
            foreach (var column in extra)
            {
                shown.Add(s_byName.Values.First(known => known.Column == column));
            }

            AddAll(shown, fields?[1..] ?? "", "-F");
            order.AddRange(shown.Where(column => !IsExtra(column)).Select(column => column.Column));
            foreach (var key in Keys(sort, DefaultKeys))
            {
                AddIfNew(shown, key);
                order.Add(key.Column);
            }
        }

        order.AddRange(shown.Select(column => column.Column).Where(column => !order.Contains(column)).ToList());
        return new ReportColumns(shown, order);

        static bool IsExtra(ReportColumn column) =>
            column.Column is not (HistogramColumn.Children or HistogramColumn.Self);
    }

    /// <summary>
    /// The columns but for those that a filter leaves one value, and these with their value; all columns if no key were
    /// left.
    /// </summary>
    public (IReadOnlyList<ReportColumn> Shown, IReadOnlyList<(string Name, string Value)> Constants) WithoutConstants(
        SampleFilter filter)
    {
        var constants = new List<(string Name, string Value)>();
        var shown = new List<ReportColumn>();
        foreach (var column in Shown)
        {
            var (name, values) = column.Column switch
            {
                HistogramColumn.Comm => ("comm", filter.Comms),
                HistogramColumn.Dso => ("dso", filter.Dsos),
                HistogramColumn.Symbol => ("symbol", filter.Symbols),
                _ => ("", null),
            };
            if (values is { Count: 1 })
            {
                constants.Add((name, values.First()));
            }
            else
            {
                shown.Add(column);
            }
        }

        return shown.Any(column => column.Column >= HistogramColumn.Comm) ? (shown, constants) : (Shown, constants);
    }

    private static List<ReportColumn> Keys(string? sort, string defaults)
    {
        var keys = new List<ReportColumn>();
        AddAll(keys, sort is null ? defaults : sort.StartsWith('+') ? $"{DefaultKeys},{sort[1..]}" : sort, "-s");
        return keys;
    }

    private static void AddAll(List<ReportColumn> columns, string names, string option)
    {
        foreach (string name in names.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            AddIfNew(columns, s_byName.TryGetValue(name, out var column)
                ? column
                : throw new UserErrorException(
                    $"{option} {names}: unknown key '{name}' (known: {Names})", OptionGrammar.UsageError));
        }
    }

    private static void AddIfNew(List<ReportColumn> columns, ReportColumn column)
    {
        if (columns.All(other => other.Column != column.Column))
        {
            columns.Add(column);
        }
    }
}
