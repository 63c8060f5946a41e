using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Names;

/// <summary>Functions and lines of files that others built: interpreters, the system's libraries, numpy, Rust.</summary>
public sealed class RealFilesTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string Data => _directory.File("perf.data");

    public static MatrixTheoryData<string, string> Interpreters => new(["3.11.7", "3.13.0"], ["calls.py", "native.py"]);

    [Theory]
    [MemberData(nameof(Interpreters))]
    public void Of_interpreters_they_are_those_that_addr2line_prints(string version, string program)
    {
        RecordStacks(Interpreter.Pyenv(version).Path, Workload.PathOf(program));

        List<NamedPlace> places = [.. Places().Where(place => place.File.Contains("libpython", StringComparison.Ordinal))];

        AssertAgreement(places);
        Assert.Contains(places, place => place.Functions.Count > 1);
        Assert.Contains(places, place => place.Functions[^1].Name == "_PyEval_EvalFrameDefault" && place.Functions[^1].Line is not null);
    }

    [Fact]
    public void Of_the_c_library_they_are_those_of_its_debug_file()
    {
        Assert.SkipUnless(Directory.Exists("/usr/lib/debug/.build-id"), "no debug files are installed (Debian: libc6-dbg)");
        RecordStacks(Interpreter.OfSystem().Path, Workload.Calls);

        List<NamedPlace> places = [.. Places().Where(place => Path.GetFileName(place.File) == "libc.so.6")];

        AssertAgreement(places);
        Assert.Contains(places, place => place.Functions.Any(function => function.Line is not null));
    }

    [Theory]
    [InlineData("-O", "-g")]
    [InlineData("-O", "-g", "-C", "symbol-mangling-version=v0")]
    public void Of_rust_they_are_those_that_addr2line_prints(params string[] options)
    {
        string? compiler = Tool.PathOf("rustc");
        string ofUser = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cargo", "bin", "rustc");
        compiler ??= File.Exists(ofUser) ? ofUser : null;
        Assert.SkipWhen(compiler is null, "rustc is not installed");
        string program = _directory.File("program");
        new Tool { File = compiler! }.Run([.. options, "-o", program, Workload.PathOf("inlines.rs")]).Succeeded();
        RecordStacks(program, "150");

        List<NamedPlace> places = [.. Places().Where(place => place.File == program)];

        AssertAgreement(places);
        Assert.Contains(places, place => place.Functions.Any(function =>
            function.Line is "inlines.rs:11" or "inlines.rs:12" && function.Name.Contains("4step", StringComparison.Ordinal)));
    }

    [Fact]
    public void Of_libstdcxx_without_debug_information_names_are_perfs()
    {
        Assert.SkipUnless(Tool.IsOnPath("g++"), "g++ is not installed");
        string program = _directory.File("program");
        new Tool { File = "g++" }.Run(
            "-O2", "-o", program, Workload.PathOf("inlines.cpp"), Workload.PathOf("inlines_far.cpp")).Succeeded();

        AssertNamesArePerfs("libstdc++.so", program, "600");
    }

    [Fact]
    public void Of_numpy_they_are_perfs()
    {
        string python = Interpreter.OfSystem().Path;
        Assert.SkipUnless(new Tool { File = python }.Run("-c", "import numpy").ExitCode == 0, "numpy is not installed (Debian: python3-numpy)");

        // The library is stripped: one sample in 1,000 or so lies in what has a name, calls of the C library above all.
        AssertNamesArePerfs("_multiarray_umath", python, Workload.Arrays, "200");
    }

    public void Dispose() => _directory.Dispose();

    private static void AssertAgreement(IEnumerable<NamedPlace> places)
    {
        Assert.NotEmpty(places);
        foreach (var ofFile in places.GroupBy(place => place.File))
        {
            var said = Addr2Line.Functions(ofFile.Key, ofFile.Select(place => place.Address));
            var symbols = FunctionSymbols.Of(ofFile.Key);
            Assert.All(ofFile, place => Assert.Equal(
                Comparable(said[place.Address], symbols), Comparable(place.Functions, symbols)));
        }
    }

    /// <summary>In one line; of a function with several symbols one stands for all.</summary>
    private static string Comparable(IReadOnlyList<NamedFunction> functions, FunctionSymbols symbols)
    {
        var outermost = functions[^1] with { Name = symbols.FirstNameOf(functions[^1].Name) };
        if (functions.Count == 1 && outermost.Line is { } line)
        {
            // addr2line of binutils 2.40 has the unit's file for the one that it includes and that defines the function.
            outermost = outermost with { Line = line[line.LastIndexOf(':')..] };
        }

        return NamedPlace.Comparable([.. functions.SkipLast(1), outermost]);
    }

    private List<NamedPlace> Places() => NamedPlace.Of(Data, "--no-demangle");

    private void RecordStacks(params IEnumerable<string> command) => ViperfBinary.RunIn(
        _directory, ["record", "-F", "4999", "-e", "cpu-clock:u", "--call-graph", "dwarf,16384", .. command]).Succeeded();

    /// <summary>Records without call chains, where the text is the same to the letter, and some of it must be of the module.</summary>
    private void AssertNamesArePerfs(string module, params IEnumerable<string> command)
    {
        PerfTool.Run(["record", "-N", "-F", "4999", "-e", "cpu-clock:u", "-o", Data, .. command]).Succeeded();
        string[] script = ["script", "-i", Data, "-F", "ip,sym,dso", "--no-demangle"];

        string[] ours = ViperfBinary.Run(script).Succeeded().Lines;
        string[] theirs = PerfTool.Run(script).Succeeded().Lines;

        // The stubs of some libraries that call through the linkage table have names for viperf alone.
        Assert.Equal(theirs.Length, ours.Length);
        Assert.All(ours.Zip(theirs).Where(lines => !lines.First.Contains("@plt (")), lines => Assert.Equal(lines.Second, lines.First));
        Assert.Contains(ours, line => line.Contains(module, StringComparison.Ordinal) && !line.Contains("[unknown]"));
    }
}
