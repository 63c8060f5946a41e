using System.Globalization;
using System.Text;
using Viperf.Core.Profiles;

namespace Viperf.Core.Export;

/// <summary>
/// A flame graph as one SVG file that needs nothing else: everything on top, what it called under it. Widths are shares of the
/// picture's, so it fits any window; its script (FlameGraph.js), the same in each file, zooms, searches and tells of the box under
/// the pointer. What comes from the recording is text of XML and nothing else.
/// </summary>
internal static class FlameGraphFormat
{
    /// <summary>Pixels from one row of boxes to the next; the boxes are one less high.</summary>
    private const int RowHeight = 18;

    /// <summary>Pixels above the boxes: a title, a line of facts, a legend.</summary>
    private const int HeaderHeight = 78;

    private const int FooterHeight = 8;

    /// <summary>The picture's width where nothing else says how wide it is to be.</summary>
    private const int Width = 1200;

    /// <summary>The least share of the whole that is drawn.</summary>
    private const double LeastShare = 0.001;

    /// <summary>More boxes than this make browsers slow: then only wider ones are drawn.</summary>
    private const int MostBoxes = 20_000;

    /// <summary>Longer names are cut on their boxes, though not in their titles: no box is as wide.</summary>
    private const int LongestLabel = 400;

    /// <summary>The kinds of boxes with their names in the legend. Their classes are in FlameGraph.css.</summary>
    private static readonly (FrameKind Kind, string Class, string Name)[] s_kinds =
    [
        (FrameKind.Python, "py", "Python"),
        (FrameKind.Native, "nat", "native"),
        (FrameKind.Kernel, "ker", "kernel"),
        (FrameKind.Interpreter, "int", "interpreter"),
        (FrameKind.Wait, "wait", "waiting"),
        (FrameKind.Unknown, "unk", "unknown"),
    ];

    /// <summary>Writes a profile.</summary>
    public static void Write(ExportSource source, Stream output)
    {
        var tree = new FlameTree(source);
        var all = tree.All;
        double share = ShareToDraw(tree);
        var boxes = tree.Boxes.Where(box => IsDrawn(all, box, share)).ToList();
        int rows = boxes.Max(static box => box.Depth) + 1;

        using var writer = new StreamWriter(output, new UTF8Encoding(false), bufferSize: 1 << 16, leaveOpen: true) { NewLine = "\n" };
        string title = XmlText.Escape(source.Title);
        writer.WriteLine($"""<svg xmlns="http://www.w3.org/2000/svg" class="viperf-flame" width="{Width}" height="{HeaderHeight + rows * RowHeight + FooterHeight}">""");
        writer.WriteLine($"<title>{title}</title>");
        writer.WriteLine($"<style>{Part("FlameGraph.css")}</style>");
        writer.WriteLine("""<rect class="ground" width="100%" height="100%"/>""");
        writer.WriteLine($"""<text class="head" x="10" y="22">{title}</text>""");
        writer.WriteLine($"""<text class="facts" x="10" y="43">{XmlText.Escape(FactsOf(source, all, tree.Count - boxes.Count, share))}</text>""");
        WriteLegend(writer, tree, boxes);
        writer.WriteLine("""<g class="boxes">""");
        foreach (var box in boxes)
        {
            WriteBox(writer, source, tree, box);
        }

        writer.WriteLine("</g>");
        writer.WriteLine($"<script>{Part("FlameGraph.js")}</script>");
        writer.WriteLine("</svg>");
    }

    private static bool IsDrawn(in FlameBox all, in FlameBox box, double share) => box.Depth == 0 || box.Period >= all.Period * share && box.Period > 0;

    /// <summary>The least share of the whole with which boxes are drawn, so that they are not too many.</summary>
    private static double ShareToDraw(FlameTree tree)
    {
        var all = tree.All;
        double share = LeastShare;
        while (tree.Boxes.Count(box => IsDrawn(all, box, share)) > MostBoxes)
        {
            share *= 1.5; // ends: no more than a row's boxes have more than half, and so on
        }

        return share;
    }

    private static string FactsOf(ExportSource source, in FlameBox all, int left, double share)
    {
        string facts = $"{Samples(all.Samples)}, {Amount(source.Event, all.Period)} ({source.Event.Name})";
        return left == 0 ? facts : string.Create(
            CultureInfo.InvariantCulture,
            $"{facts}; {left:N0} {(left == 1 ? "frame" : "frames")} too narrow to draw (under {share * 100:0.##} %)");
    }

    /// <summary>Writes what the colours mean, of the kinds that there are.</summary>
    private static void WriteLegend(StreamWriter writer, FlameTree tree, List<FlameBox> boxes)
    {
        const int Step = 104;
        var met = boxes.Select(box => tree.KindOf(box)).ToHashSet();
        int x = 10;
        foreach (var (kind, name, label) in s_kinds)
        {
            if (met.Contains(kind))
            {
                writer.WriteLine($"""<rect class="{name}" x="{x}" y="54" width="12" height="12"/><text class="key" x="{x + 17}" y="64">{label}</text>""");
                x += Step;
            }
        }
    }

    private static void WriteBox(StreamWriter writer, ExportSource source, FlameTree tree, in FlameBox box)
    {
        var all = tree.All;
        var kind = tree.KindOf(box);
        string name = kind is null ? "all" : s_kinds.First(one => one.Kind == kind).Class;
        double whole = Math.Max(all.Period, 1);
        double left = box.Left / whole * 100;
        double width = box.Depth == 0 ? 100 : box.Period / whole * 100;
        writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""<svg class="box" x="{left:0.####}%" y="{HeaderHeight + box.Depth * RowHeight}" width="{width:0.####}%" height="{RowHeight - 1}"><title>{XmlText.Escape(box.Name)}"""));
        writer.Write(string.Create(CultureInfo.InvariantCulture, $"{width:0.00} %, {Amount(source.Event, box.Period)}, {Samples(box.Samples)}</title>"));
        writer.Write($"""<rect class="{name} s{Shade(box.Name)}" width="100%" height="100%"/>""");
        writer.WriteLine($"""<text x="4" y="13">{XmlText.Escape(XmlText.Shorten(box.Name, LongestLabel))}</text></svg>""");
    }

    /// <summary>One of three shades, so that neighbours of one kind are told apart; the same wherever the name stands.</summary>
    private static int Shade(string name)
    {
        uint sum = 0;
        foreach (char letter in name)
        {
            sum = sum * 31 + letter;
        }

        return (int)(sum % 3);
    }

    private static string Samples(ulong count) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? "sample" : "samples")}");

    /// <summary>Periods as people write them, none of it rounded away.</summary>
    private static string Amount(ProfileEvent source, ulong period) =>
        !source.IsClock ? string.Create(CultureInfo.InvariantCulture, $"{period:N0} {source.Name}")
        : period >= 1_000_000_000 ? string.Create(CultureInfo.InvariantCulture, $"{period / 1e9m:0.#########} s")
        : string.Create(CultureInfo.InvariantCulture, $"{period / 1e6m:0.######} ms");

    /// <summary>A part of every such file, as text that no XML reader takes for markup.</summary>
    private static string Part(string name)
    {
        using var resource = typeof(FlameGraphFormat).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"viperf was built without {name}");
        using var reader = new StreamReader(resource);
        return $"<![CDATA[\n{reader.ReadToEnd()}]]>";
    }
}
