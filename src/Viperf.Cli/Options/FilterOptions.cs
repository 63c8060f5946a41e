using System.CommandLine;
using Viperf.Core;
using Viperf.Core.Views;

namespace Viperf.Cli.Options;

/// <summary>The options that say which samples a command shows.</summary>
/// <param name="dsosAlias">A short name of --dsos, or null: perf's differs between its commands.</param>
internal sealed class FilterOptions(string? dsosAlias = null)
{
    private readonly Option<string?> _comms = Create("--comms", "NAME,...", "Only threads with these names", "-c");
    private readonly Option<string?> _dsos =
        Create("--dsos", "FILE,...", "Only samples in these files", dsosAlias is null ? [] : [dsosAlias]);

    private readonly Option<string?> _symbols = Create("--symbols", "NAME,...", "Only samples in these functions", "-S");
    private readonly Option<string?> _pids = Create("--pid", "PID,...", "Only these processes", "--pids");
    private readonly Option<string?> _tids = Create("--tid", "TID,...", "Only these threads", "--tids");
    private readonly Option<string?> _cpus = Create("--cpu", "0,2-4", "Only these CPUs", "-C");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (ReadOnlySpan<Option>)[_comms, _dsos, _symbols, _pids, _tids, _cpus])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What the options let through.</summary>
    /// <exception cref="UserErrorException">A list of numbers has something else in it.</exception>
    public SampleFilter Read(ParseResult options) => new()
    {
        Comms = FilterLists.Names(options.GetValue(_comms)),
        Dsos = FilterLists.Names(options.GetValue(_dsos)),
        Symbols = FilterLists.Names(options.GetValue(_symbols)),
        Pids = FilterLists.Numbers(options.GetValue(_pids), _pids.Name),
        Tids = FilterLists.Numbers(options.GetValue(_tids), _tids.Name),
        Cpus = FilterLists.Numbers(options.GetValue(_cpus), _cpus.Name),
    };

    private static Option<string?> Create(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = value };
}
