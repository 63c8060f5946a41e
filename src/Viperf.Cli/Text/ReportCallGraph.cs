using Viperf.Core.Views;

namespace Viperf.Cli.Text;

/// <summary>Draws the call graph under an entry of a report, in perf's layout.</summary>
internal sealed class ReportCallGraph(TextWriter output, Histogram histogram, ReportLayout layout, ulong total)
{
    /// <summary>Every line's indentation.</summary>
    private const string Margin = "            ";

    /// <summary>A level of a tree where its line goes on.</summary>
    private const string Rail = "|          ";

    /// <summary>A level of a tree below its last branch.</summary>
    private const string NoRail = "           ";

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
            output.Write(NoRail);
            WriteValue(chain.TotalPeriod, chain.TotalSamples, total);
            output.WriteLine();
            foreach (int link in chain.Links)
            {
                output.Write("                ");
                output.WriteLine(histogram.NameOfLink(link));
            }

            output.WriteLine();
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
                output.Write(separator);
                output.Write(histogram.NameOfLink(link));
                separator = layout.Separator ?? ";";
            }

            output.WriteLine();
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
            output.WriteLine();
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
            output.Write(Margin);
            if (_trunk == 0)
            {
                output.WriteLine('|');
                output.Write(Margin);
                output.Write("---");
                _trunk = 3;
            }
            else
            {
                output.WritePadding(_trunk);
            }

            output.WriteLine(histogram.NameOfLink(trunk.Links[i]));
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
            output.WriteLine();

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
                    output.Write(_rails[level] ? Rail : NoRail);
                }

                output.WriteLine(histogram.NameOfLink(branch.Links[link]));
            }

            WriteBranches(branch.Children, isFractal ? branch.ChildrenPeriod : parent, branch.ChildrenSamples);
        }

        if (isFractal && rest != 0 && rest != parent && (layout.Value != CallGraphValue.Count || restSamples != 0))
        {
            _rails[level] = false;
            WriteRails(level);
            WriteBranchStart(level, rest, restSamples, parent);
            output.WriteLine("[...]");
        }

        _rails.RemoveAt(level);
        return shown > 0;
    }

    private void WriteRails(int levels)
    {
        output.Write(Margin);
        output.WritePadding(_trunk);
        for (int i = 0; i < levels; i++)
        {
            output.Write(_rails[i] ? Rail : NoRail);
        }
    }

    private void WriteBranchStart(int level, ulong period, ulong samples, ulong parent)
    {
        output.Write(_rails[level] ? "|--" : " --");
        WriteValue(period, samples, parent);
        output.Write("--");
    }

    private void WriteValue(ulong period, ulong samples, ulong whole)
    {
        switch (layout.Value)
        {
            case CallGraphValue.Period:
                output.WriteNumber(period);
                break;
            case CallGraphValue.Count:
                output.WriteNumber(samples);
                break;
            default:
                output.WritePercent(whole == 0 ? 0 : period * 100.0 / whole, width: 0, layout.Colors);
                break;
        }
    }

    private IEnumerable<CallGraphNode> Shown(IReadOnlyList<CallGraphNode> chains) =>
        layout.BranchLimit > 0 ? chains.Take(layout.BranchLimit) : chains;
}
