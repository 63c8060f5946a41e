using System.Globalization;
using Viperf.EndToEnd.Harness;
using Viperf.EndToEnd.Script;
using Xunit;

namespace Viperf.EndToEnd;

/// <summary>What <c>--stacks</c> shows of programs on real interpreters.</summary>
public sealed class StacksTests : IDisposable
{
    private static readonly string[] s_fields = ["-F", "tid,ip,sym,dso"];

    /// <summary>C functions that the workload asks for, which call Python: all that may stand between two Python functions.</summary>
    private static readonly string[] s_work =
    [
        "builtin_sorted", "list_sort", "unsafe_object_compare", "safe_object_compare", "count_run", "binarysort", "builtin_sum",
        "map_next", "list_extend", "_list_extend", "list___init__", "PyDict_SetItem", "_PyDict_SetItem", "_PyDict_FromItems",
        "setitem_", "insertdict", "list_dealloc", "tupledealloc", "dict_dealloc", "dictkeys_decref", "free_keys_object",
        "unicode_new",
    ];

    private readonly TempDirectory _directory = new();

    /// <summary>Versions whose evaluators and calls differ most, and the system's, which is stripped.</summary>
    public static TheoryData<string> Versions => ["3.8.18", "system", "3.12.1", "3.13.0"];

    [Theory]
    [MemberData(nameof(Versions))]
    public void Between_two_Python_functions_is_no_plumbing(string version)
    {
        Record(Interpreter.Of(version), Workload.Callbacks, "3000");

        var native = Script("native");
        var mixed = Script("mixed");
        var python = Script("python");

        // nothing is lost
        Assert.Equal(native.Count, mixed.Count);
        Assert.Equal(native.Count, python.Count);
        Assert.Contains(native, sample => sample.Frames.Any(frame => frame.Symbol == "_PyEval_EvalFrameDefault"));
        Assert.Contains(native, sample => sample.Frames.Any(frame => frame.Symbol.StartsWith("py::work:/", StringComparison.Ordinal)));

        Assert.Contains(mixed, sample => sample.Leaf == "work (callbacks.py)");
        var between = mixed.SelectMany(Between).Where(frame => IsInterpreter(frame.File) || frame.File == "inlined")
            .Select(frame => frame.Symbol).Distinct().ToList();
        Assert.Equal("", string.Join(' ', between.Where(symbol => !s_work.Any(work => symbol.StartsWith(work, StringComparison.Ordinal)))));
        // the system's interpreter has no names for C functions
        Assert.Equal(version != "system", mixed.Any(sample => sample.Frames.Any(frame => frame.Symbol is "list_sort_impl" or "list_sort")));

        Assert.All(python, sample => Assert.True(
            sample.Frames.All(frame => IsPython(frame.Symbol)) || sample.Frames is [{ Symbol: var only }] && only.StartsWith("[native] (", StringComparison.Ordinal),
            string.Join(';', sample.Frames)));
        Assert.Contains(python, sample => Titles(sample).EndsWith("key (callbacks.py);once (callbacks.py);<module> (callbacks.py)", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Imports_are_one_frame_wherever_modules_are_found(string version)
    {
        Record(Interpreter.Of(version), Workload.Imports, "40");

        Assert.Contains(Script("native"), sample => Titles(sample).Contains(":<frozen importlib._bootstrap>", StringComparison.Ordinal));
        foreach (string mode in (string[])["mixed", "python"])
        {
            var samples = Script(mode);
            Assert.DoesNotContain(samples, sample => Titles(sample).Contains("importlib._bootstrap", StringComparison.Ordinal));
            Assert.DoesNotContain(samples, sample => Titles(sample).Contains("[import] ([interpreter]);[import]", StringComparison.Ordinal));
            Assert.Contains(samples, sample => Titles(sample).EndsWith("[import];load (imports.py);<module> (imports.py)", StringComparison.Ordinal));
        }

        Assert.Contains(
            Script("python"),
            sample => Titles(sample).Contains("<module> (json/decoder.py);[import];<module> (json/__init__.py);[import];load (imports.py)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("3.8.18")]
    [InlineData("3.12.1")]
    [InlineData("3.13.0")]
    public void Garbage_collection_is_named(string version)
    {
        Record(Interpreter.Of(version), Workload.Garbage, "100000");

        var report = ViperfBinary.Run(
            "report", "--stacks", "python", "-g", "none", "--no-children", "-s", "sym", "-i", Data).Succeeded();

        Assert.Contains(report.Lines, line => line.TrimEnd().EndsWith("[.] [garbage collection]", StringComparison.Ordinal));
        Assert.Contains(report.Lines, line => line.TrimEnd().EndsWith("[.] churn (garbage.py)", StringComparison.Ordinal));
        Assert.All(Script("mixed"), sample => Assert.DoesNotContain(sample.Frames, frame => frame.Symbol is "visit_decref" or "gc_collect_main" or "collect"));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Threads_that_wait_for_the_GIL_say_so(string version)
    {
        // Who waits takes no CPU time: samples are taken where threads leave the CPU.
        Record(["-e", "context-switches", "-c", "1"], Interpreter.Of(version), Workload.Threads, "0.3");

        Assert.Contains(Script("python"), sample => sample.Frames is [{ Symbol: "[GIL wait]" }, { Symbol: "red (threads.py)" }, ..]);
        Assert.Contains(Script("mixed"), sample => sample.Frames is [{ Symbol: "[GIL wait]" }, { Symbol: "green (threads.py)" }, ..]);
        Assert.DoesNotContain(Script("mixed"), sample => sample.Frames.Skip(1).Any(frame => frame.Symbol == "[GIL wait]"));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_report_has_Python_files_for_modules_and_finds_functions_by_either_name(string version)
    {
        Record(Interpreter.Of(version), Workload.Callbacks, "1000");

        var table = Report("--stacks", "python", "-g", "none", "--no-children");
        Assert.Contains(table, line => line.Contains(" callbacks.py ", StringComparison.Ordinal) && line.TrimEnd().EndsWith("[.] work", StringComparison.Ordinal));
        Assert.DoesNotContain(table, line => line.Contains("py::", StringComparison.Ordinal));
        Assert.Contains(table, line => line.StartsWith("# Stacks: ", StringComparison.Ordinal));

        string symbol = $"py::work:{Workload.Callbacks}";
        var found = ((string[])["work", symbol])
            .SelectMany(name => ((string[])["python", "mixed", "native"]).Select(mode => (name, mode)))
            .ToDictionary(asked => asked, asked => SharesOf(Report(
                "--stacks", asked.mode, "-g", "none", "--no-children", "-s", "sym", "-S", asked.name)));
        Assert.NotEqual(0, found[("work", "python")]);
        Assert.Equal(found[("work", "python")], found[(symbol, "python")]);
        Assert.Equal(found[("work", "mixed")], found[(symbol, "mixed")]);
        Assert.Equal(found[("work", "native")], found[(symbol, "native")]);
        Assert.Contains(Report("--stacks", "native", "-s", "sym"), line => line.Contains(symbol, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void The_answer_of_run_is_about_Python_or_about_C_too(string version)
    {
        string[] run = ["run", "--interpreter", Interpreter.Of(version).Path, "-F", "1999"];
        var python = ViperfBinary.RunIn(_directory, [.. run, Workload.Native, "2"]).Succeeded();
        var mixed = ViperfBinary.RunIn(_directory, [.. run, "--stacks", "mixed", Workload.Native, "2"]).Succeeded();

        // how much of the time is the library's depends on the processor, unless there is little else
        const string Compressing = "import zlib; [zlib.compress(bytes(range(256)) * 400) for _ in range(300)]";
        var compressing = ViperfBinary.RunIn(_directory, [.. run, "--stacks", "mixed", "-c", Compressing]).Succeeded();

        Assert.Contains(python.ErrorLines, line => line.Contains(" sorting ", StringComparison.Ordinal) && line.Contains(" native.py:", StringComparison.Ordinal));
        Assert.DoesNotContain(python.ErrorLines, line => line.Contains("libz.so", StringComparison.Ordinal));
        Assert.Contains(mixed.ErrorLines, line => line.Contains(".so.", StringComparison.Ordinal));
        Assert.Contains(compressing.ErrorLines, line => line.Contains("libz.so", StringComparison.Ordinal));
        Assert.DoesNotContain(mixed.ErrorLines, line => line.Contains("_PyEval", StringComparison.Ordinal));
    }

    [Fact]
    public void Other_words_are_refused()
    {
        foreach (string verb in (string[])["report", "script", "run"])
        {
            var result = ViperfBinary.RunIn(_directory, verb, "--stacks", "c", "-c", "0");
            Assert.Equal(2, result.ExitCode);
            Assert.Contains("--stacks c: give python, mixed or native", result.Error, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _directory.Dispose();

    private string Data => _directory.File("perf.data");

    private void Record(Interpreter python, params string[] program) =>
        Record(["-e", "cpu-clock", "-F", "1999"], python, program);

    private void Record(string[] options, Interpreter python, params string[] program) => ViperfBinary.Run(
        ["record", .. options, "--call-graph", "dwarf,65528", "-o", Data, python.Path, .. program]).Succeeded();

    private List<ScriptSample> Script(string mode) =>
        ScriptSample.Parse(ViperfBinary.Run(["script", "--stacks", mode, "-i", Data, .. s_fields]).Succeeded().Output);

    private string[] Report(params string[] options) =>
        ViperfBinary.Run(["report", "-i", Data, .. options]).Succeeded().Lines;

    /// <summary>All of a report's percentages, summed.</summary>
    private static double SharesOf(IEnumerable<string> lines) => lines
        .Where(line => !line.StartsWith('#'))
        .Select(line => line.Trim().Split('%')[0])
        .Sum(share => double.Parse(share, CultureInfo.InvariantCulture));

    private static string Titles(ScriptSample sample) => string.Join(';', sample.Frames.Select(frame => frame.Symbol));

    /// <summary>The frames of a sample that stand between two Python functions of the workload's.</summary>
    private static IEnumerable<ScriptFrame> Between(ScriptSample sample)
    {
        int first = sample.Frames.ToList().FindIndex(frame => IsWorkloads(frame.Symbol));
        int last = sample.Frames.ToList().FindLastIndex(frame => IsWorkloads(frame.Symbol));
        return first < 0 ? [] : sample.Frames.Take(last).Skip(first).Where(frame => !IsPython(frame.Symbol));
    }

    private static bool IsWorkloads(string symbol) => symbol.EndsWith(" (callbacks.py)", StringComparison.Ordinal);

    private static bool IsPython(string symbol) => symbol.EndsWith(".py)", StringComparison.Ordinal)
        || symbol.EndsWith(">)", StringComparison.Ordinal)
        || symbol is "[import]" or "[garbage collection]" or "[GIL wait]" or "[viperf]";

    private static bool IsInterpreter(string file)
    {
        string name = Path.GetFileName(file);
        return name.StartsWith("python3", StringComparison.Ordinal) || name.StartsWith("libpython3", StringComparison.Ordinal);
    }
}
