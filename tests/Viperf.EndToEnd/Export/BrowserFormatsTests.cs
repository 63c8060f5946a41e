using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Viperf.EndToEnd.Harness;
using Viperf.Tests.Export;
using Xunit;

namespace Viperf.EndToEnd.Export;

/// <summary>The formats that browsers and flame graph tools read, of real recordings: all have the same samples in them.</summary>
public sealed class BrowserFormatsTests : IDisposable
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    private readonly TempDirectory _directory = new();

    private string Data => _directory.File("perf.data");

    [Theory]
    [InlineData("3.11.7")]
    [InlineData("3.13.0")]
    public void Threads_functions_and_totals_are_in_every_format(string version)
    {
        Record(Interpreter.Pyenv(version), [], Workload.Threads, "0.4");

        AssertFormats("red (threads.py:10)", "green (threads.py:16)", "blue (threads.py:22)");

        var firefox = JsonDocument.Parse(Export("firefox")).RootElement;
        Assert.Equal("tracing-ms", firefox.GetProperty("threads")[0].GetProperty("samples").GetProperty("weightType").GetString());
        Assert.Contains(Workload.Threads, firefox.GetProperty("meta").GetProperty("arguments").GetString(), StringComparison.Ordinal);
        var strings = firefox.GetProperty("shared").GetProperty("stringArray").EnumerateArray().Select(static text => text.GetString()).ToList();
        Assert.Contains("red", strings);
        Assert.Contains(Workload.Threads, strings);
    }

    [Fact]
    public void Code_has_the_category_of_its_kind()
    {
        string program = _directory.Write("zeros.py", """
            import time
            room = bytearray(1 << 20)
            with open("/dev/zero", "rb", buffering=0) as zeros:
                while time.process_time() < 0.5:
                    zeros.readinto(room)
                    sorted(room[:4096])
            """);
        Record(Interpreter.Pyenv("3.13.0"), [], program);

        var shared = JsonDocument.Parse(Export("firefox")).RootElement.GetProperty("shared");
        int[] categories = [.. shared.GetProperty("frameTable").GetProperty("category").EnumerateArray().Select(static one => one.GetInt32())];
        Assert.All([0, 1, 2], category => Assert.Contains(category, categories)); // Python, native, kernel
    }

    [Fact]
    public void Waiting_threads_samples_are_there_and_took_no_CPU_time()
    {
        Record(Interpreter.Pyenv("3.11.7"), ["--mode", "wall"], Workload.PathOf(Path.Combine("capture", "standing.py")), "0.6");

        AssertFormats();

        var samples = JsonDocument.Parse(Export("firefox")).RootElement.GetProperty("threads").EnumerateArray()
            .Select(static thread => thread.GetProperty("samples"))
            .SelectMany(static one => one.GetProperty("threadCPUDelta").EnumerateArray()).ToList();
        Assert.Contains(samples, static time => time.GetInt64() == 0);
        Assert.Contains(samples, static time => time.GetInt64() > 0);
        Assert.Contains("[blocked: ", Export("collapsed"), StringComparison.Ordinal);
    }

    [Fact]
    public void Stacks_of_Python_alone_have_no_native_function()
    {
        Record(Interpreter.Pyenv("3.13.0"), [], Workload.Native, "3");

        Assert.Contains(";sorting (native.py:10)", Export("collapsed"), StringComparison.Ordinal);
        Assert.Matches(@";sorting \(native\.py:10\);.*list_sort", Export("collapsed"));
        Assert.DoesNotContain("list_sort", Export("collapsed", "--stacks", "python"), StringComparison.Ordinal);
        Assert.DoesNotContain("list_sort", Export("firefox", "--stacks", "python"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_slice_of_time_and_a_pipe_are_exported_too()
    {
        Record(Interpreter.Pyenv("3.13.0"), [], Workload.Threads, "0.4");

        decimal all = WeightOf(JsonDocument.Parse(Export("firefox")).RootElement);
        decimal slice = WeightOf(JsonDocument.Parse(Export("firefox", "--time", "10%-20%")).RootElement);

        Assert.InRange(slice, 0.01m * all, 0.5m * all);
        var piped = new Tool { File = "/bin/sh" }.Run(
            "-c", $"'{ViperfBinary.Path}' record -e cpu-clock -o - -- sleep 0.1 2>/dev/null | '{ViperfBinary.Path}' export --format firefox -i -").Succeeded();
        Assert.InRange(FirefoxRules.Check(JsonDocument.Parse(piped.Output).RootElement), 0.0001m, 1000m);
    }

    public void Dispose() => _directory.Dispose();

    /// <summary>The total of each format is the sum of the samples as <c>script</c> lists them, and each has the functions.</summary>
    private void AssertFormats(params string[] functions)
    {
        decimal[] periods = [.. ViperfBinary.Run("script", "-F", "period", "-i", Data).Succeeded().Lines
            .Where(static line => line.Trim().Length > 0).Select(static line => decimal.Parse(line, CultureInfo.InvariantCulture))];
        Assert.InRange(periods.Length, 20, 100_000);
        decimal total = periods.Sum();

        var lines = Export("collapsed").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(periods.Length, lines.Sum(static line => int.Parse(line.AsSpan(line.LastIndexOf(' ')), CultureInfo.InvariantCulture)));

        var speedscope = JsonDocument.Parse(Export("speedscope")).RootElement;
        Assert.Equal(total, speedscope.GetProperty("profiles").EnumerateArray().Sum(static profile =>
        {
            decimal weight = profile.GetProperty("weights").EnumerateArray().Sum(static weight => weight.GetDecimal());
            Assert.Equal(profile.GetProperty("samples").GetArrayLength(), profile.GetProperty("weights").GetArrayLength());
            Assert.Equal(weight, profile.GetProperty("endValue").GetDecimal());
            return weight;
        }));
        Assert.Equal(total / 1e6m, WeightOf(JsonDocument.Parse(Export("firefox")).RootElement));

        var svg = XDocument.Parse(Export("flamegraph")).Root!;
        string[] titles = [.. svg.Descendants(s_svg + "svg").Select(static box => box.Element(s_svg + "title")!.Value)];
        string time = total >= 1e9m ? FormattableString.Invariant($"{total / 1e9m:0.#########} s") : FormattableString.Invariant($"{total / 1e6m:0.######} ms");
        Assert.Equal(FormattableString.Invariant($"all\n100.00 %, {time}, {periods.Length:N0} samples"), titles[0]);

        var frames = speedscope.GetProperty("shared").GetProperty("frames").EnumerateArray().Select(static frame => frame.GetProperty("name").GetString()).ToList();
        Assert.All(functions, function =>
        {
            Assert.Contains(lines, line => line.Contains($";{function}", StringComparison.Ordinal));
            Assert.Contains(titles, title => title.StartsWith(function + "\n", StringComparison.Ordinal));
            Assert.Contains(function[..function.IndexOf(' ', StringComparison.Ordinal)], frames);
        });
    }

    private static decimal WeightOf(JsonElement firefox) => FirefoxRules.Check(firefox);

    private void Record(Interpreter python, string[] options, params string[] command) => ViperfBinary.Run(
        ["record", "-e", "cpu-clock", "-F", "499", "--python", "capture", "--call-graph", "dwarf", .. options, "-o", Data, "--", python.Path, .. command]).Succeeded();

    private string Export(string format, params string[] options) =>
        ViperfBinary.Run(["export", "--format", format, "-i", Data, "-o", "-", .. options]).Succeeded().Output;
}
