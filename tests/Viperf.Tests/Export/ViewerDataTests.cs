using System.Globalization;
using System.Text;
using Viperf.Cli.Commands;
using Viperf.Cli.Web;
using Viperf.Core.Export;
using Viperf.Core.Pipeline;
using Viperf.Core.Profiles;
using Viperf.Core.Python;
using Viperf.Core.Symbols;
using Viperf.Tests.Profiles;
using Xunit;

namespace Viperf.Tests.Export;

public class ViewerDataTests
{
    /// <summary>Names as no program but an attacker's has them.</summary>
    private static readonly string[] s_hostile =
    [
        "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!--", "]]>", "\u2028\u2029\u0085", "\ud800", "a\udc00b",
        "\u202emoc.live\u202c", "\u2066\u2069\ufeff", "\0\b\e[2J\x7f\x9b", "\"'`\\", "{{constructor}}", "javascript:alert(1)",
    ];

    [Fact]
    public void Samples_have_their_times_threads_and_weights_and_stacks_in_all_modes()
    {
        var profile = new ProfileBuilder()
            .Samples(2, "python3.13!_start;py::main:/a/app.py;python3.13!_PyEval_EvalFrameDefault;python3.13!builtin_sorted", tid: 1)
            .Samples(3, "python3.13!_start;py::main:/a/app.py;py::work:/a/app.py", tid: 2)
            .Profile;
        var series = new SampleSeries();
        (ulong Time, int Row, ulong Period)[] samples = [(1000, 0, 10), (1500, 1, 7), (1500, 1, 3), (4000, 0, 20), (9000, 1, 1)];
        foreach (var (time, row, period) in samples)
        {
            series.Add(time, row, period);
        }

        profile.Series = series;
        var page = PageContents.Of(MakePython(profile));

        Assert.Equal([0, 500, 500, 3000, 8000], page["sample.time"]);
        Assert.Equal([10, 7, 3, 20, 1], page["sample.weight"]);
        Assert.Equal([0, 1, 1, 0, 1], page["sample.thread"]);
        Assert.Equal(["python", "mixed", "native"], page.Modes);
        Assert.Equal("mixed", page.Header.GetProperty("mode").GetString());
        Assert.Equal(new() { ["main"] = 30, ["main;work"] = 11 }, page.Stacks("python"));
        Assert.Equal(new() { ["main;builtin_sorted"] = 30, ["main;work"] = 11 }, page.Stacks("mixed"));
        Assert.Equal(
            new() { ["_start;main;_PyEval_EvalFrameDefault;builtin_sorted"] = 30, ["_start;main;work"] = 11 }, page.Stacks("native"));
        Assert.All(page.Modes, mode => Assert.All(page[$"{mode}.parent"].Index(), node => Assert.InRange(node.Item, -1, node.Index - 1)));
        Assert.Equal(2, page["stack.mixed"].Length);
    }

    [Fact]
    public void Frames_are_functions_at_lines_and_functions_lie_in_files()
    {
        var profile = WithSeries(new ProfileBuilder().Samples(2, "f;g").Samples(1, "f;g@2").Samples(4, "f;g@3").Samples(8, "[k]read").Profile);
        var places = new CodePlaces();
        int function = places.Functions.Intern(new SourceFunction("g", "/src/g.c", 10, IsPython: false));
        foreach (var (offset, line) in (ReadOnlySpan<(ulong, int)>)[(0, 11), (2, 12), (3, 12)])
        {
            places.Add(FrameOf(profile, "g", offset), new CodePlace(function, line, 0));
        }

        var page = PageContents.Of(Make(profile, places, Texts(("/src/g.c", "one\ntwo"))));

        Assert.Equal(new() { ["f;g:11"] = 2, ["f;g:12"] = 5, ["read"] = 8 }, page.Stacks("native"));
        int g = Array.IndexOf(page.FunctionNames, "g");
        Assert.Equal((0, 10), (page["function.file"][g], page["function.line"][g]));
        Assert.Equal(-1, page["function.file"][Array.IndexOf(page.FunctionNames, "f")]);
        Assert.Equal((int)FrameKind.Kernel, page["function.kind"][Array.IndexOf(page.FunctionNames, "read")]);
        var file = Assert.Single(page.Files);
        Assert.Equal(("g.c", "/src/g.c", "one\ntwo"), (Text(file, "name"), Text(file, "path"), Text(file, "text")));
        string[] modules = [.. page.Header.GetProperty("modules").EnumerateArray().Select(static one => one.GetString()!)];
        Assert.Equal("[kernel.kallsyms]", modules[page["function.module"][Array.IndexOf(page.FunctionNames, "read")]]);
    }

    [Fact]
    public void What_a_hostile_profile_calls_things_is_text_and_never_part_of_the_page()
    {
        byte[] template = Template();
        foreach (string hostile in s_hostile)
        {
            string name = hostile.Replace(";", ":", StringComparison.Ordinal).Replace('!', '.').Replace('@', '.').Replace('(', '[');
            var profile = WithSeries(new ProfileBuilder().Samples(1, $"f;py::{name}:/{name}.py", comm: hostile).Profile);
            byte[] data = MakePython(profile, new(hostile, hostile), hostile);
            var written = new MemoryStream();
            ProfilePage.Empty().Write(data, written);

            // all that is not the template's own is base64
            byte[] bytes = written.ToArray();
            int start = template.AsSpan().IndexOf(Encoding.UTF8.GetBytes(PageContents.Place)) + PageContents.Place.Length;
            Assert.True(bytes.AsSpan().StartsWith(template.AsSpan(0, start)));
            Assert.True(bytes.AsSpan().EndsWith(template.AsSpan(start)));
            Assert.Matches(
                "^(<script type=\"application/octet-stream\">[A-Za-z0-9+/]+={0,2}</script>)+$",
                Encoding.Latin1.GetString(bytes, start, bytes.Length - template.Length));

            var page = PageContents.OfPage(Encoding.UTF8.GetString(bytes));
            Assert.All(page.FunctionNames.Append(Text(page.Header, "title")!).Append(Text(page.Files[0], "path")!), AssertHarmless);
        }
    }

    [Fact]
    public void Values_stay_within_what_JavaScript_counts_exactly()
    {
        var profile = new ProfileBuilder().Samples(1, "f").Profile;
        profile.Series = new SampleSeries();
        profile.Series.Add(5, 0, ulong.MaxValue);
        profile.Series.Add(ulong.MaxValue, 0, 0);

        var page = PageContents.Of(Make(profile, new CodePlaces(), Texts()));

        Assert.Equal([0, (1L << 52) - 1], page["sample.time"]);
        Assert.Equal([(1L << 52) - 1, 0], page["sample.weight"]);
    }

    [Fact]
    public void Events_that_have_no_samples_are_left_out_and_the_others_stay_apart()
    {
        var profile = WithSeries(new ProfileBuilder().Event("cycles").Samples(2, "f").Event("faults").Samples(1, "g").Profile);

        var page = PageContents.Of(Make(profile, new CodePlaces(), Texts()));

        Assert.Equal(["cycles", "faults"], page.Header.GetProperty("events").EnumerateArray().Select(static one => Text(one, "name")));
        Assert.Equal([0, 0, 1], page["sample.event"]);
        Assert.Equal(2, page.Header.GetProperty("quality").GetArrayLength());
    }

    [Fact]
    public void Sources_come_with_most_samples_first_until_there_is_no_room()
    {
        var profile = WithSeries(new ProfileBuilder().Samples(1, "py::a:/a.py").Samples(3, "py::b:/b.py").Samples(2, "py::c:/c.py").Profile);
        string large = new('x', 20 << 20);

        var page = PageContents.Of(Make(profile, new CodePlaces(), Texts(("/a.py", "a"), ("/b.py", large), ("/c.py", large))));

        Assert.Equal(["/b.py", "/c.py", "/a.py"], page.Files.Select(static file => Text(file, "path")));
        Assert.Equal([large.Length, null, 1], page.Files.Select(static file => Text(file, "text")?.Length));
        Assert.Contains("24 MiB", Text(page.Files[1], "note"));
    }

    [Theory]
    [InlineData("<p>nothing</p>")]
    [InlineData("<div id=\"profile\" hidden>old</div>")]
    [InlineData("<div id=\"profile\" hidden></div><div id=\"profile\" hidden></div>")]
    public void A_template_has_one_place_for_a_profile(string template) =>
        Assert.Throws<InvalidDataException>(() => new ViewerPage(Encoding.UTF8.GetBytes(template)));

    [Fact]
    public void The_page_without_a_profile_is_under_a_megabyte() => Assert.InRange(Template().Length, 1000, 1_000_000);

    private static byte[] MakePython(Profile profile, ViewerSource source = default, string title = "app.py")
    {
        using var jitDumps = new JitDumps(profile, new SymbolizerOptions());
        using var symbolizer = new Symbolizer(new SymbolizerOptions(), jitDumps);
        var folded = new FoldedStacks(profile.Stacks, new StackFolding(profile, symbolizer, new SourcePaths([], "/")));
        StackMode[] modes = [StackMode.Python, StackMode.Mixed, StackMode.Native];
        return Make(profile, new CodePlaces(), (_, _) => source, title, modes.Select(mode => new ViewerStacks(
            mode.ToString().ToLowerInvariant(), folded.TableOf(mode), stack => folded.Of(mode, stack))));
    }

    private static byte[] Make(
        Profile profile, CodePlaces places, SourceLookup sources, string title = "app", IEnumerable<ViewerStacks>? modes = null) => ViewerData.Make(
            new ExportSource(profile, ExportSource.AllEvents, places, new RecordingFacts()),
            new ViewerContents
            {
                Title = title,
                Facts = [("Command", title)],
                Warnings = [title],
                Quality = [.. profile.Events.Select(_ => new ViewerQuality(1, 1, 0, [new(1, title, title, IsGood: true)], []))],
                Modes = [.. modes ?? [new ViewerStacks("native", profile.Stacks, static stack => stack)]],
                Mode = modes is null ? "native" : "mixed",
                Sources = sources,
            });

    /// <summary>A series in which rows' samples follow each other.</summary>
    private static Profile WithSeries(Profile profile)
    {
        profile.Series = new SampleSeries();
        for (int row = 0; row < profile.Samples.Count; row++)
        {
            for (ulong i = 0; i < profile.Samples.SamplesOf(row); i++)
            {
                profile.Series.Add((ulong)profile.Series.Count, row, 1);
            }
        }

        return profile;
    }

    private static int FrameOf(Profile profile, string function, ulong offset) => Enumerable.Range(0, profile.Frames.Count)
        .Single(frame => profile.Functions[profile.Frames.FunctionOf(frame)] is var one && one.Name == function
            && profile.Frames[frame].Address == one.Start + offset);

    private static SourceLookup Texts(params (string Path, string Text)[] texts) =>
        (file, _) => new(texts.FirstOrDefault(one => one.Path == file).Text, null);

    private static byte[] Template()
    {
        using var resource = typeof(ViewCommand).Assembly.GetManifestResourceStream("viewer.html")!;
        var template = new MemoryStream();
        resource.CopyTo(template);
        return template.ToArray();
    }

    private static string? Text(System.Text.Json.JsonElement element, string name) => element.GetProperty(name).GetString();

    private static void AssertHarmless(string text) => Assert.All(text.EnumerateRunes(), static rune => Assert.DoesNotContain(
        Rune.GetUnicodeCategory(rune),
        (UnicodeCategory[])[UnicodeCategory.Control, UnicodeCategory.Format, UnicodeCategory.LineSeparator, UnicodeCategory.ParagraphSeparator, UnicodeCategory.Surrogate]));
}
