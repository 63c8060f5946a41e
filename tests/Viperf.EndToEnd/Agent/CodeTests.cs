using System.Globalization;
using System.Text;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Agent;

/// <summary>Code objects that come and go, and names that are hard to write down.</summary>
public class CodeTests
{
    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void A_hundred_thousand_code_objects_have_their_names_in_order_and_bounded_memory(string version)
    {
        using var tmp = AgentTmp.For(version);

        tmp.With("perf", AgentTmp.Program("codes.py"), "100000", "4000000").Succeeded();

        (string Address, int Number)[] codes =
        [
            .. tmp.Map.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' ', 3))
                .Where(parts => parts[2].StartsWith("py::code_", StringComparison.Ordinal))
                .Select(parts => (parts[0], int.Parse(parts[2].Split(':', '_')[3], CultureInfo.InvariantCulture))),
        ];
        // Each has its line, and a line for an address that was used before stands below the one it replaces.
        Assert.Equal(Enumerable.Range(0, 100_000), codes.Select(code => code.Number));
        int places = codes.DistinctBy(code => code.Address).Count();
        Assert.InRange(places, 1, 70_000);
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void A_jitdump_of_freed_code_has_whole_records(string version)
    {
        using var tmp = AgentTmp.For(version);

        tmp.With("perf_jit", AgentTmp.Program("codes.py"), "4000", "4000000").Succeeded();

        var loads = JitDumpFile.Read(Assert.Single(tmp.Dumps));
        Assert.Equal(
            Enumerable.Range(0, 4000).Select(number => $"py::code_{number}:codes.py"),
            loads.Where(name => name.Contains(":code_", StringComparison.Ordinal)).Select(JitDumpFile.WithoutDirectory));
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Surrogates_newlines_and_long_names_are_one_line_and_one_record_each(string version)
    {
        using var tmp = AgentTmp.For(version);

        Assert.Equal("done\n", tmp.With("perf", AgentTmp.Program("names.py")).Succeeded().Output);
        Assert.Equal("done\n", tmp.With("perf_jit", AgentTmp.Program("names.py")).Succeeded().Output);

        // Byte for byte: a file's name need not be UTF-8.
        string map = Encoding.Latin1.GetString(File.ReadAllBytes(Assert.Single(tmp.Maps)));
        Assert.All(map.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches("^[0-9a-f]+ [0-9a-f]+ (py|viperf)::", line));
        string[] names = [.. map.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 3)[2])];
        string[] dumped = JitDumpFile.Read(Assert.Single(tmp.Dumps));
        string[] expected =
        [
            @"py::lone\ud800surrogate:plain.py",
            "py::escaped\xff:plain.py",
            "py::two?lines??and?zero:plain.py",
            $"py::{Latin("grüße_日本_😀")}:plain.py",
            $"py::in_file:dir?with?lines/{Latin("ü")}.py",
            "py::in_bytes:/tmp/bytes\xff.py",
            "py::space and colon::a: b.py",
            "py:::empty.py",
            "py::after_long:plain.py",
        ];
        Assert.All(expected, name => Assert.Contains(name, names));
        Assert.All(expected, name => Assert.Contains(name, dumped));
        Assert.Contains(names, name => name.StartsWith("py::longlonglong", StringComparison.Ordinal) && name.Length > 4000);
    }

    private static string Latin(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
