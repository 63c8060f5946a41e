using Viperf.Core;
using Viperf.Formats.PerfData;

namespace Viperf.Cli.Text;

/// <summary>
/// Reads <c>-F</c> of script: <c>comm,tid,time</c> sets the columns, <c>+srcline,-period</c> changes the default ones,
/// <c>sw:comm,time</c> does so for one type of event.
/// </summary>
internal sealed class ScriptFieldList
{
    private static readonly string[] s_types = ["hw", "sw", "trace", "raw"];

    /// <summary>The fields that there are, for help and messages.</summary>
    public const string Names = "comm,tid,pid,time,cpu,event,period,ip,sym,symoff,dso,srcline,stackend";

    /// <summary>Fields that perf has and viperf does not print.</summary>
    private static readonly string[] s_refused =
    [
        "trace", "addr", "iregs", "uregs", "brstack", "brstacksym", "flags", "data_src", "weight", "bpf-output",
        "brstackinsn", "brstackinsnlen", "brstackoff", "callindent", "insn", "insnlen", "synth", "phys_addr", "metric",
        "misc", "srccode", "ipc", "tod", "data_page_size", "code_page_size", "ins_lat",
    ];

    /// <summary>Columns by type, in the order of <see cref="s_types"/>.</summary>
    private readonly ScriptField[] _fields = [.. Enumerable.Repeat(ScriptField.Default, s_types.Length)];

    /// <summary>Columns that the user named and the event must therefore record.</summary>
    private ScriptField _named;

    /// <summary>Reads the values of the options in their order; none gives the default columns.</summary>
    /// <exception cref="UserErrorException">A field is unknown.</exception>
    public static ScriptFieldList Parse(IEnumerable<string> values)
    {
        var list = new ScriptFieldList();
        foreach (string value in values)
        {
            list.Apply(value);
        }

        return list;
    }

    /// <summary>The columns of an event: those that it records, or those that the user named.</summary>
    /// <exception cref="UserErrorException">The user named a column that the event does not record.</exception>
    public ScriptField For(EventDescription source)
    {
        var fields = _fields[TypeOf(source.Attr.type)];
        fields = Need(fields, ScriptField.Cpu, SampleFormat.PERF_SAMPLE_CPU, "CPU", "cpu");
        fields = Need(fields, ScriptField.Period, SampleFormat.PERF_SAMPLE_PERIOD, "PERIOD", "period");
        fields = Need(fields, ScriptField.Time, SampleFormat.PERF_SAMPLE_TIME, "TIME", "time");
        const ScriptField NeedIp = ScriptField.Sym | ScriptField.Dso | ScriptField.Srcline | ScriptField.Stackend;
        if ((fields & NeedIp) != 0 && (fields & ScriptField.Ip) == 0)
        {
            throw new UserErrorException("the fields sym, dso, srcline and stackend need the field ip", 2);
        }

        return fields;

        ScriptField Need(ScriptField all, ScriptField field, SampleFormat recorded, string attribute, string name)
        {
            if ((all & field) == 0 || source.Layout.Has(recorded))
            {
                return all;
            }

            return (_named & field) == 0
                ? all & ~field
                : throw new UserErrorException(
                    $"samples of '{source.Name}' do not have the {attribute} attribute; cannot print the field '{name}'");
        }
    }

    private void Apply(string value)
    {
        int first = 0;
        int last = s_types.Length - 1;
        int colon = value.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
        {
            first = last = Array.IndexOf(s_types, value[..colon]);
            if (first < 0)
            {
                throw new UserErrorException(
                    $"unknown event type '{value[..colon]}' in --fields; known: {string.Join(", ", s_types)}", 2);
            }
        }

        bool changesDefault = value[(colon + 1)..] is ['+' or '-', ..];
        var columns = ScriptField.None;
        var added = ScriptField.None;
        var removed = ScriptField.None;
        foreach (string part in value[(colon + 1)..].Split(','))
        {
            switch (part)
            {
                case ['+', .. var name]:
                    added |= Field(name);
                    break;
                case ['-', .. var name]:
                    removed |= Field(name);
                    break;
                default:
                    columns |= Field(part);
                    break;
            }
        }

        _named |= columns | added;
        for (int type = first; type <= last; type++)
        {
            _fields[type] = ((changesDefault ? _fields[type] : columns) | added) & ~removed;
        }
    }

    private static ScriptField Field(string name) => name switch
    {
        "comm" => ScriptField.Comm,
        "tid" => ScriptField.Tid,
        "pid" => ScriptField.Pid,
        "time" => ScriptField.Time,
        "cpu" => ScriptField.Cpu,
        "event" => ScriptField.Event,
        "ip" => ScriptField.Ip,
        "sym" => ScriptField.Sym,
        "dso" => ScriptField.Dso,
        "symoff" => ScriptField.Symoff,
        "srcline" => ScriptField.Srcline,
        "period" => ScriptField.Period,
        "stackend" => ScriptField.Stackend,
        _ when s_refused.Contains(name) => throw new UserErrorException(
            $"perf's field '{name}' is not supported by viperf", 2),
        _ => throw new UserErrorException(
            $"unknown field '{name}' (known: {Names})", 2),
    };

    private static int TypeOf(PerfEventKind kind) => kind switch
    {
        PerfEventKind.PERF_TYPE_SOFTWARE => 1,
        PerfEventKind.PERF_TYPE_TRACEPOINT => 2,
        PerfEventKind.PERF_TYPE_RAW => 3,
        _ => 0,
    };
}
