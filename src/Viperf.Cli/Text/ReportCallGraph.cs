using Viperf.Core.Views;

namespace Viperf.Cli.Text;

/// <summary>Draws the call graph under an entry of a report, in perf's layout.</summary>
internal sealed class ReportCallGraph(Utf8Output output, Histogram histogram, ReportLayout layout, ulong total)
{
    /// <summary>Every line's indentation.</summary>
    private static ReadOnlySpan<byte> Margin => "            "u8;

    /// <summary>A level of a tree where its line goes on.</summary>
    private static ReadOnlySpan<byte> Rail => "|          "u8;

    /// <summary>A level of a tree below its last branch.</summary>
    private static ReadOnlySpan<byte> NoRail => "           "u8;

    /// <summary>Which levels' lines go on, outermost first.</summary>
    private readonly List<bool> _rails = [];

    /// <summary>Spaces in front of the levels: those of the trunk if one was drawn.</summary>
    private int _trunk;

    /// <summary>Draws nothing where the entry weighs less than the limit.</summary>
    public void Write(HistogramEntry entry)
    {
        double part = layout.CallGraphPercentLimit / 100;
        var graph = histogram.CallGraphOf(entry, new CallGraphCut(
            layout.Style switch
            {
                CallGraphStyle.Fractal => CallGraphShape.RelativeTree,
                CallGraphStyle.Flat or CallGraphStyle.Folded => CallGraphShape.Chains,
                _ => CallGraphShape.Tree,
            },
            (ulong)(histogram.TotalPeriod * part),
            part));
        switch (layout.Style)
        {
            case CallGraphStyle.Flat:
                WriteFlat(graph);
                break;
            case CallGraphStyle.Folded:
                WriteFolded(graph);
                break;
            default:
                WriteTree(graph, entry);
                break;
        }
    }

    private void WriteFlat(IReadOnlyList<CallGraphNode> chains)
    {
        foreach (var chain in Shown(chains))
        {
            output.Add(NoRail);
            WriteValue(chain.TotalPeriod, chain.TotalSamples, total);
            output.Add("\n"u8);
            foreach (int link in chain.Links)
            {
                output.Add("                "u8);
                output.Add(histogram.NameOfLink(link)).Add("\n"u8);
            }

            output.Add("\n"u8);
        }
    }

    private void WriteFolded(IReadOnlyList<CallGraphNode> chains)
    {
        foreach (var chain in Shown(chains))
        {
            WriteValue(chain.OwnPeriod, chain.OwnSamples, total);
            string separator = " ";
            foreach (int link in chain.Links)
            {
                output.Add(separator);
                output.Add(histogram.NameOfLink(link));
                separator = layout.Separator ?? ";";
            }

            output.Add("\n"u8);
        }
    }

    /// <summary>A trunk of what all samples have in common, if there is any, and the branches above it.</summary>
    private void WriteTree(IReadOnlyList<CallGraphNode> branches, HistogramEntry entry)
    {
        if (branches.Count == 0)
        {
            return;
        }

        bool drawn = false;
        _trunk = 0;
        if (branches is [var trunk] && trunk.TotalPeriod == entry.ChildrenPeriod)
        {
            drawn = WriteTrunk(trunk);
            branches = trunk.Children;
        }

        ulong parent = layout.Style == CallGraphStyle.Fractal ? entry.ChildrenPeriod : total;
        drawn |= WriteBranches(branches, parent, parentSamples: 0);
        if (drawn)
        {
            output.Add("\n"u8);
        }
    }

    private bool WriteTrunk(CallGraphNode trunk)
    {
        int count = trunk.Links.Count;
        if (layout.BranchLimit > 0)
        {
            count = Math.Min(count, layout.BranchLimit + (layout.OmitFirstLink ? 1 : 0));
        }

        for (int i = layout.OmitFirstLink ? 1 : 0; i < count; i++)
        {
            output.Add(Margin);
            if (_trunk == 0)
            {
                output.Add("|\n"u8);
                output.Add(Margin);
                output.Add("---"u8);
                _trunk = 3;
            }
            else
            {
                output.AddSpaces(_trunk);
            }

            output.Add(histogram.NameOfLink(trunk.Links[i])).Add("\n"u8);
        }

        return _trunk != 0;
    }

    /// <summary>Draws what branches off from a link, and says whether there was anything.</summary>
    private bool WriteBranches(IReadOnlyList<CallGraphNode> branches, ulong parent, ulong parentSamples)
    {
        bool isFractal = layout.Style == CallGraphStyle.Fractal;
        ulong rest = parent;
        ulong restSamples = parentSamples;
        int level = _rails.Count;
        _rails.Add(true);
        int shown = layout.BranchLimit > 0 ? Math.Min(layout.BranchLimit, branches.Count) : branches.Count;
        for (int i = 0; i < shown; i++)
        {
            var branch = branches[i];
            rest -= branch.TotalPeriod;
            restSamples -= Math.Min(restSamples, branch.TotalSamples);
            WriteRails(level + 1);
            output.Add("\n"u8);

            // The line ends with the last branch, unless there is more that only counts.
            _rails[level] = i != branches.Count - 1 || (isFractal && rest != 0);
            for (int link = 0; link < branch.Links.Count; link++)
            {
                WriteRails(level);
                if (link == 0)
                {
                    WriteBranchStart(level, branch.TotalPeriod, branch.TotalSamples, parent);
                }
                else
                {
                    output.Add(_rails[level] ? Rail : NoRail);
                }

                output.Add(histogram.NameOfLink(branch.Links[link])).Add("\n"u8);
            }

            output.FlushIfLarge(); // a deep graph's rails are far more text than the graph
            WriteBranches(branch.Children, isFractal ? branch.ChildrenPeriod : parent, branch.ChildrenSamples);
        }

        if (isFractal && rest != 0 && rest != parent && (layout.Value != CallGraphValue.Count || restSamples != 0))
        {
            _rails[level] = false;
            WriteRails(level);
            WriteBranchStart(level, rest, restSamples, parent);
            output.Add("[...]\n"u8);
        }

        _rails.RemoveAt(level);
        return shown > 0;
    }

    private void WriteRails(int levels)
    {
        output.Add(Margin);
        output.AddSpaces(_trunk);
        for (int i = 0; i < levels; i++)
        {
            output.Add(_rails[i] ? Rail : NoRail);
        }
    }

    private void WriteBranchStart(int level, ulong period, ulong samples, ulong parent)
    {
        output.Add(_rails[level] ? "|--"u8 : " --"u8);
        WriteValue(period, samples, parent);
        output.Add("--"u8);
    }

    private void WriteValue(ulong period, ulong samples, ulong whole)
    {
        switch (layout.Value)
        {
            case CallGraphValue.Period:
                output.AddDecimal(period);
                break;
            case CallGraphValue.Count:
                output.AddDecimal(samples);
                break;
            default:
                output.AddPercent(whole == 0 ? 0 : period * 100.0 / whole, width: 0, layout.Colors);
                break;
        }
    }

    private IEnumerable<CallGraphNode> Shown(IReadOnlyList<CallGraphNode> chains) =>
        layout.BranchLimit > 0 ? chains.Take(layout.BranchLimit) : chains;
}
