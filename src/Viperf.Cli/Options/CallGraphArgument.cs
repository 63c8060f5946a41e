using System.Globalization;
using Viperf.Cli.Text;
using Viperf.Core;
using Viperf.Core.Views;

namespace Viperf.Cli.Options;

/// <summary>
/// What perf report's <c>-g</c> takes: <c>print_type,threshold[,print_limit],order,sort_key,value</c>. The words may
/// stand in any order and be cut short; of numbers the first is the threshold in percent and the second the limit.
/// </summary>
internal sealed record CallGraphArgument
{
    /// <summary>perf's help for it, as far as viperf has it.</summary>
    public const string Grammar =
        "graph|flat|fractal|folded|none, PERCENT[,LIMIT], caller|callee, function|address|srcline, percent|period|count";

    /// <summary>Branches under so many percent are left out unless somebody says otherwise.</summary>
    public const double DefaultPercentLimit = 0.5;

    /// <summary>How to draw.</summary>
    public CallGraphStyle Style { get; private init; } = CallGraphStyle.Graph;

    /// <summary>Branches under so many percent are left out; null where the argument does not say.</summary>
    public double? PercentLimit { get; private init; }

    /// <summary>At most so many branches beside one another; 0 for all.</summary>
    public int BranchLimit { get; private init; }

    /// <summary>Whether to start with the callers; null where the argument does not say.</summary>
    public bool? CallersFirst { get; private init; }

    /// <summary>What makes frames one.</summary>
    public CallGraphKey Key { get; private init; }

    /// <summary>What stands beside a branch.</summary>
    public CallGraphValue Value { get; private init; }

    /// <summary>Reads the option's value; null for an option given without one, or not given.</summary>
    /// <exception cref="UserErrorException">A word that is none of the grammar's.</exception>
    public static CallGraphArgument Parse(string? text)
    {
        var argument = new CallGraphArgument();
        foreach (string word in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            argument = argument.With(word) ?? argument.WithNumber(word) ?? throw new UserErrorException(
                $"-g {text}: '{word}' is none of {Grammar}", OptionGrammar.UsageError);
        }

        return argument;
    }

    private CallGraphArgument? With(string word)
    {
        bool Means(string name) => name.StartsWith(word, StringComparison.Ordinal);
        return Means("graph") ? this with { Style = CallGraphStyle.Graph }
            : Means("flat") ? this with { Style = CallGraphStyle.Flat }
            : Means("fractal") ? this with { Style = CallGraphStyle.Fractal }
            : Means("folded") ? this with { Style = CallGraphStyle.Folded }
            : Means("none") ? this with { Style = CallGraphStyle.None }
            : Means("caller") ? this with { CallersFirst = true }
            : Means("callee") ? this with { CallersFirst = false }
            : Means("function") ? this with { Key = CallGraphKey.Function }
            : Means("address") ? this with { Key = CallGraphKey.Address }
            : Means("srcline") ? this with { Key = CallGraphKey.SourceLine }
            : Means("percent") ? this with { Value = CallGraphValue.Percent }
            : Means("period") ? this with { Value = CallGraphValue.Period }
            : Means("count") ? this with { Value = CallGraphValue.Count }
            : null;
    }

    private CallGraphArgument? WithNumber(string word)
    {
        if (PercentLimit is null)
        {
            return double.TryParse(
                word, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent)
                ? this with { PercentLimit = percent }
                : null;
        }

        return int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int limit)
            ? this with { BranchLimit = limit }
            : null;
    }
}
