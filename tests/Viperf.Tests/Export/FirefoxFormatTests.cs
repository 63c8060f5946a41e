using System.Text.Json;
using Viperf.Core.Export;
using Viperf.Core.Profiles;
using Xunit;

namespace Viperf.Tests.Export;

public class FirefoxFormatTests
{
    [Fact]
    public void Samples_have_times_weights_and_how_long_the_thread_ran()
    {
        var profile = new SampledProfile();
        int main = profile.Python("main", line: 9, firstLine: 7);
        profile.AddAt(5_000_000, 1_000_000, [main, profile.Native("work")]);
        profile.AddAt(6_500_000, 1_500_000, [main, profile.StandIn(WaitNames.Gil)]);
        profile.AddAt(7_000_000, 500_000, []);

        var root = Parse(profile);

        Assert.Equal(3m, FirefoxRules.Check(root));
        var samples = Assert.Single(root.GetProperty("threads").EnumerateArray()).GetProperty("samples");
        Assert.Equal("[0,1.5,2]", samples.GetProperty("time").GetRawText());
        Assert.Equal("[1,1.5,0.5]", samples.GetProperty("weight").GetRawText());
        Assert.Equal("[1000000,0,500000]", samples.GetProperty("threadCPUDelta").GetRawText());
        Assert.Equal(
            ["main (Python, /srv/app.py:7, at 9) > work (Native, libfoo.so)", "main (Python, /srv/app.py:7, at 9) > [GIL wait] (Waiting)", "[unknown] (Other)"],
            samples.GetProperty("stack").EnumerateArray().Select(stack => Describe(root, stack.GetInt32())));
        Assert.Equal(1, root.GetProperty("meta").GetProperty("interval").GetDouble());
    }

    [Fact]
    public void Kinds_of_code_are_categories_and_Python_is_what_the_profiler_takes_for_scripts()
    {
        var profile = new SampledProfile();
        profile.AddAt(1, 1, [profile.Python("main"), profile.StandIn("[import]"), profile.Native("read"), profile.Kernel("vfs_read")]);

        var root = Parse(profile);

        Assert.Equal(
            "main (Python, /srv/app.py:1, at 2) > [import] (Interpreter) > read (Native, libfoo.so) > vfs_read (Kernel, [kernel.kallsyms])",
            Describe(root, root.GetProperty("threads")[0].GetProperty("samples").GetProperty("stack")[0].GetInt32()));
        Assert.Equal("[true,false,false,false]", Shared(root, "funcTable", "isJS").GetRawText());
        Assert.Equal("[false,true,false,false]", Shared(root, "funcTable", "relevantForJS").GetRawText());
        Assert.False(root.GetProperty("meta").GetProperty("usesOnlyOneStackType").GetBoolean());
    }

    [Fact]
    public void Threads_are_told_apart_and_know_their_process()
    {
        var profile = new SampledProfile();
        int main = profile.Python("main");
        profile.AddAt(1, 1, [main], pid: 7, comm: "server");
        profile.AddAt(2, 1, [main], pid: 7, tid: 8, comm: "worker");
        profile.AddAt(3, 1, [main], pid: 9, comm: "child");
        profile.AddAt(4, 1, [main], pid: 7, tid: 8, comm: "worker");

        var root = Parse(profile);

        FirefoxRules.Check(root);
        Assert.Equal(
            ["server of server, 7/7, first True", "worker of server, 7/8, first False", "child of child, 9/9, first True"],
            root.GetProperty("threads").EnumerateArray().Select(static thread =>
                $"{thread.GetProperty("name")} of {thread.GetProperty("processName")}, {thread.GetProperty("pid")}/{thread.GetProperty("tid")}, first {thread.GetProperty("isMainThread")}"));
        Assert.Equal("[0,1,2]", root.GetProperty("meta").GetProperty("initialVisibleThreads").GetRawText());
        Assert.Equal("[1]", root.GetProperty("meta").GetProperty("initialSelectedThreads").GetRawText());
    }

    [Fact]
    public void Libraries_have_their_build_ids_in_both_forms()
    {
        var profile = new SampledProfile();
        profile.AddAt(1, 1, [profile.Native("work", buildId: "510d0a5c19eadf8043f203b4525be9be3dcb9554")]);

        var lib = Assert.Single(Parse(profile).GetProperty("libs").EnumerateArray());

        Assert.Equal("510d0a5c19eadf8043f203b4525be9be3dcb9554", lib.GetProperty("codeId").GetString());
        Assert.Equal("5C0A0D51EA1980DF43F203B4525BE9BE0", lib.GetProperty("breakpadId").GetString());
    }

    [Fact]
    public void Events_weigh_what_they_counted()
    {
        var profile = new SampledProfile();
        int main = profile.Python("main");
        profile.AddAt(1, 1000, [main]);
        profile.AddAt(2, 3, [main], eventIndex: 1);

        var root = Parse(profile, eventIndex: 1);

        Assert.Equal(3m, FirefoxRules.Check(root));
        Assert.Equal("samples", root.GetProperty("threads")[0].GetProperty("samples").GetProperty("weightType").GetString());
    }

    [Fact]
    public void The_machine_and_the_command_are_told()
    {
        var profile = new SampledProfile
        {
            Facts = new()
            {
                CommandLine = ["viperf", "run", "app.py"],
                KernelRelease = "6.1.0",
                Architecture = "x86_64",
                Processor = "Some CPU",
                Cpus = 4,
                Memory = 1024,
                Written = DateTime.UnixEpoch.AddSeconds(10),
            },
        };
        profile.AddAt(0, 1, [profile.Python("main")]);
        profile.AddAt(2_000_000_000, 1, [profile.Python("main")]);

        var meta = Parse(profile).GetProperty("meta");

        Assert.Equal(
            ("python", "Linux 6.1.0 x86_64", "viperf run app.py", "Some CPU"),
            (Text("product"), Text("oscpu"), Text("arguments"), Text("CPUName")));
        Assert.Equal((4, 1024, 8000), (Number("logicalCPUs"), Number("mainMemory"), Number("startTime")));

        string? Text(string name) => meta.GetProperty(name).GetString();
        double Number(string name) => meta.GetProperty(name).GetDouble();
    }

    [Fact]
    public void Weights_come_to_the_profiles_total_whatever_names_there_are()
    {
        var profile = new SampledProfile().AddHostile();
        string text = profile.Text(FirefoxFormat.Write);

        Assert.Equal(profile.Source().TotalPeriod / 1e6m, FirefoxRules.Check(JsonDocument.Parse(text).RootElement));
        Assert.DoesNotContain('<', text);
    }

    /// <summary>A stack's frames: name, category, what it lies in, where it is.</summary>
    private static string Describe(JsonElement root, int stack)
    {
        var frames = new Stack<string>();
        for (JsonElement at = JsonSerializer.SerializeToElement(stack); at.ValueKind != JsonValueKind.Null; at = At(root, "stackTable", "prefix", at))
        {
            var frame = At(root, "stackTable", "frame", at);
            var function = At(root, "frameTable", "func", frame);
            var category = root.GetProperty("meta").GetProperty("categories")[At(root, "frameTable", "category", frame).GetInt32()];
            var resource = At(root, "funcTable", "resource", function);
            var source = At(root, "funcTable", "source", function);
            var line = At(root, "frameTable", "line", frame);
            frames.Push($"{Text(root, At(root, "funcTable", "name", function))} ({category.GetProperty("name")}"
                + (resource.GetInt32() < 0 ? "" : $", {Text(root, At(root, "resourceTable", "name", resource))}")
                + (source.ValueKind == JsonValueKind.Null ? "" : $", {Text(root, At(root, "sources", "filename", source))}:{At(root, "funcTable", "lineNumber", function)}")
                + (line.ValueKind == JsonValueKind.Null ? ")" : $", at {line})"));
        }

        return string.Join(" > ", frames);
    }

    private static JsonElement Parse(SampledProfile profile, int eventIndex = 0) =>
        JsonDocument.Parse(profile.Text(FirefoxFormat.Write, eventIndex)).RootElement;

    private static JsonElement Shared(JsonElement root, string table, string column) => root.GetProperty("shared").GetProperty(table).GetProperty(column);

    private static JsonElement At(JsonElement root, string table, string column, JsonElement index) => Shared(root, table, column)[index.GetInt32()];

    private static string? Text(JsonElement root, JsonElement index) => root.GetProperty("shared").GetProperty("stringArray")[index.GetInt32()].GetString();
}
