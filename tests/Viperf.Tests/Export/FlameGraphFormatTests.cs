using System.Text;
using System.Xml.Linq;
using Viperf.Core.Export;
using Viperf.Core.Profiles;
using Xunit;

namespace Viperf.Tests.Export;

public class FlameGraphFormatTests
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Boxes_hang_from_their_callers_the_widest_first()
    {
        var profile = new SampledProfile();
        int main = profile.Python("main");
        profile.AddAt(1, 10, [main, profile.Native("little")]);
        profile.AddAt(2, 70, [main, profile.Native("much")]);
        profile.AddAt(3, 20, [profile.Kernel("idle")]);

        Assert.Equal(
            ["0: all 0%+100%", "1: main (app.py:1) 0%+80%", "2: much (libfoo.so) 0%+70%", "2: little (libfoo.so) 70%+10%", "1: idle ([kernel.kallsyms]) 80%+20%"],
            Boxes(Parse(profile)).Select(static box => $"{box.Row}: {box.Name} {box.X}+{box.Width}"));
    }

    [Fact]
    public void Titles_tell_share_time_and_samples_and_the_first_ones_are_the_profiles()
    {
        var profile = new SampledProfile();
        profile.AddAt(1, 1_000_000_001, [profile.Python("main")]);
        profile.AddAt(2, 500_000, [profile.Python("other")]);

        Assert.Equal(
            ["all\n100.00 %, 1.000500001 s, 2 samples", "main (app.py:1)\n99.95 %, 1.000000001 s, 1 sample"],
            Boxes(Parse(profile)).Select(static box => box.Title));
    }

    [Fact]
    public void What_is_too_narrow_is_counted()
    {
        var profile = new SampledProfile();
        int main = profile.Python("main");
        profile.AddAt(1, 9_999_000, [main]);
        profile.AddAt(2, 600, [main, profile.Native("one")]);
        profile.AddAt(3, 400, [main, profile.Native("two"), profile.Native("three")]);

        var svg = Parse(profile);

        Assert.Equal(2, Boxes(svg).Count);
        Assert.Contains(svg.Elements(s_svg + "text"), static text => text.Value == "3 samples, 10 ms (cpu-clock); 3 frames too narrow to draw (under 0.1 %)");
    }

    [Fact]
    public void There_are_never_more_boxes_than_browsers_take()
    {
        var profile = new SampledProfile();
        for (int leaf = 0; leaf < 500; leaf++)
        {
            profile.AddAt((ulong)leaf, 1, [.. Enumerable.Repeat(profile.Python($"f{leaf}"), 100)]);
        }

        var svg = Parse(profile);

        Assert.Single(Boxes(svg));
        Assert.Contains(svg.Elements(s_svg + "text"), static text => text.Value.Contains("; 50,000 frames too narrow to draw", StringComparison.Ordinal));
    }

    [Fact]
    public void Threads_of_several_names_have_boxes_of_their_own()
    {
        var profile = new SampledProfile();
        int main = profile.Python("main");
        profile.AddAt(1, 3, [main]);
        profile.AddAt(2, 1, [main], tid: 2, comm: "helper");

        Assert.Equal(
            ["0: all", "1: python", "2: main (app.py:1)", "1: helper", "2: main (app.py:1)"],
            Boxes(Parse(profile)).Select(static box => $"{box.Row}: {box.Name}"));
    }

    [Fact]
    public void Kinds_of_code_have_colours_and_a_legend()
    {
        var profile = new SampledProfile();
        profile.AddAt(1, 2, [profile.Python("main"), profile.StandIn("[import]"), profile.Native("read"), profile.Kernel("vfs_read")]);
        profile.AddAt(2, 1, [profile.StandIn(WaitNames.Gil)]);

        var svg = Parse(profile);

        Assert.Equal(["all", "py", "int", "nat", "ker", "wait"], Boxes(svg).Select(static box => box.Class.Split(' ')[0]));
        Assert.Equal(
            ["Python", "native", "kernel", "interpreter", "waiting"],
            svg.Elements(s_svg + "text").Where(static text => (string?)text.Attribute("class") == "key").Select(static text => text.Value));
    }

    [Fact]
    public void A_profile_without_samples_of_the_event_is_one_box()
    {
        var profile = new SampledProfile();
        profile.AddAt(1, 1, [profile.Python("main")]);

        var svg = XDocument.Parse(profile.Text(FlameGraphFormat.Write, eventIndex: 1)).Root!;

        Assert.Equal("all\n100.00 %, 0 page-faults, 0 samples", Assert.Single(Boxes(svg)).Title);
    }

    [Fact]
    public void Names_are_text_whatever_they_are()
    {
        var profile = new SampledProfile().AddHostile();

        var svg = Parse(profile);

        string[] elements = ["svg", "title", "style", "rect", "text", "g", "script"];
        Assert.Empty(svg.Descendants().Select(static element => element.Name.LocalName).Except(elements));
        Assert.Single(svg.Descendants(s_svg + "script"));
        Assert.Equal(svg.Descendants(s_svg + "script").Single().Value, Parse(new SampledProfile()).Descendants(s_svg + "script").Single().Value);
        string name = SampledProfile.HostileNames.MaxBy(static name => name.Length)!;
        Assert.Contains(Boxes(svg), box => box.Name == name && box.Label.Length < 500);
        Assert.Contains(Boxes(svg), static box => box.Name == "two\u240Alines\u240D\u240Aand\uFFFDthree");
        Assert.Contains(Boxes(svg), static box => box.Name == "\uFFFD half \uFFFD");
    }

    [Fact]
    public void Nothing_of_the_static_parts_ends_them_early()
    {
        string text = new SampledProfile().Text(FlameGraphFormat.Write);

        Assert.Equal(2, text.Split("]]>").Length - 1);
        Assert.Equal(1, text.Split("</script").Length - 1);
        Assert.Equal(1, text.Split("</style").Length - 1);
        Assert.True(Ascii.IsValid(text));
    }

    private static XElement Parse(SampledProfile profile) =>
        XDocument.Parse(profile.Text(FlameGraphFormat.Write), LoadOptions.PreserveWhitespace).Root!;

    private static List<Box> Boxes(XElement svg) =>
    [
        .. svg.Descendants(s_svg + "svg").Select(static box =>
        {
            string title = box.Element(s_svg + "title")!.Value;
            return new Box(
                ((int)box.Attribute("y")! - 78) / 18,
                title.Split('\n')[0],
                title,
                (string)box.Attribute("x")!,
                (string)box.Attribute("width")!,
                (string)box.Element(s_svg + "rect")!.Attribute("class")!,
                box.Element(s_svg + "text")!.Value);
        }),
    ];

    private sealed record Box(int Row, string Name, string Title, string X, string Width, string Class, string Label);
}
