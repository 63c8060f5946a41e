using System.Globalization;
using Viperf.Core.Linux;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Formats.Elf;
using Xunit;

namespace Viperf.Tests.Symbols;

/// <summary>
/// Functions, inlined ones included, and lines of real files' addresses, found by us and by binutils: of interpreters with
/// debug information, and of a program (inlined.cc) as different compilers describe it in different ways.
/// </summary>
public sealed class RealSourcesTests : IDisposable
{
    private const int Addresses = 2000;

    private readonly string _directory = Directory.CreateTempSubdirectory("viperf-sources-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Chains_of_an_interpreter_are_those_that_addr2line_prints()
    {
        string path = Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pyenv/versions/3.13.0/lib/libpython3.13.so.1.0");
        Assert.SkipUnless(File.Exists(path), $"{path} is not there");

        // binutils 2.40 gives lines of included files the including file's name now and then (unicodectype.c:4296 of 300).
        Compare(path, path, atLeastPercent: 98);
    }

    [Theory]
    [InlineData("-gdwarf-2")]
    [InlineData("-gdwarf-2", "-gstrict-dwarf")] // which has neither ranges nor, without them, inlined functions
    [InlineData("-gdwarf-4", "-fdebug-types-section")]
    [InlineData("-gdwarf-5", "-gz")]
    [InlineData("-gdwarf-4", "-flto")]
    [InlineData("-gdwarf-5", "-ffunction-sections", "-Wl,--gc-sections")]
    public void Chains_are_those_that_addr2line_prints(params string[] options)
    {
        string program = Compile("g++", "program", options);
        Compare(program, program, atLeastPercent: 99, hasInlined: !options.Contains("-gstrict-dwarf"));
    }

    /// <summary>
    /// binutils 2.40 reads neither other files nor all of DWARF 5: what it should say it says of the same code, described
    /// in one file in DWARF 4.
    /// </summary>
    [Theory]
    [InlineData("g++", "-gdwarf-4", "-gsplit-dwarf")]
    [InlineData("g++", "-gdwarf-5", "-gsplit-dwarf")]
    [InlineData("g++", "-gdwarf-5", "-gdwarf64")]
    [InlineData("g++", "-gdwarf-5", "-flto")]
    [InlineData("clang++", "-gdwarf-5")]
    [InlineData("clang++", "-gdwarf-5", "-ffunction-sections", "-Wl,--gc-sections", "-fuse-ld=lld", "-Wno-unused-command-line-argument")]
    [InlineData("clang++", "-gdwarf-4", "-gsplit-dwarf")]
    [InlineData("clang++", "-gdwarf-5", "-gsplit-dwarf")]
    [InlineData("clang++", "-gdwarf-5", "-gsplit-dwarf=single")]
    public void Chains_are_those_of_the_same_code_described_otherwise(string compiler, string version, params string[] options)
    {
        string program = Compile(compiler, "program", [version, .. options]);
        string[] same = [.. options.Where(static option => !option.StartsWith("-g", StringComparison.Ordinal))];
        Compare(program, Compile(compiler, "whole", ["-gdwarf-4", .. same]), atLeastPercent: 99);
        Assert.Equal(options.Contains("-gsplit-dwarf"), Directory.GetFiles(_directory, "*.dwo").Length == 2);
    }

    [Theory]
    [InlineData("-gdwarf-4", "dwp")]
    [InlineData("-gdwarf-5", "dwp")]
    [InlineData("-gdwarf-4", "llvm-dwp")]
    [InlineData("-gdwarf-5", "llvm-dwp")]
    public void Chains_of_a_package_of_split_units_are_those_of_whole_ones(string version, string packager)
    {
        string program = Compile("g++", "program", version, "-gsplit-dwarf");
        Assert.SkipUnless(Run(packager, "-e", program, "-o", program + ".dwp"), $"{packager} is not installed, or not for {version}");
        foreach (string file in Directory.GetFiles(_directory, "*.dwo"))
        {
            File.Delete(file);
        }

        Compare(program, Compile("g++", "whole", "-gdwarf-4"), atLeastPercent: 99);
    }

    [Theory]
    [InlineData("-gdwarf-4")]
    [InlineData("-gdwarf-5")]
    public void Chains_of_files_that_share_their_debug_information_are_the_same(string version)
    {
        string whole = Compile("g++", "whole", version);
        string first = Compile("g++", "first", version);
        string second = Compile("g++", "second", version);
        string shared = Path.Combine(_directory, "shared.debug");
        Assert.SkipUnless(
            Run("dwz", "-m", shared, "-M", "shared.debug", first, second) && File.Exists(shared), $"dwz is not installed, or not for {version}");
        Compare(first, whole, atLeastPercent: 99);
        Compare(second, whole, atLeastPercent: 99);
    }

    private static void Compare(string path, string reference, int atLeastPercent, bool hasInlined = true)
    {
        using var source = new FileSource(path);
        var file = ElfFile.Open(source);
        var text = file.FindSection(".text"u8)!.Value;
        var random = new Random(20260805);
        ulong[] addresses = [.. Enumerable.Range(0, Addresses).Select(_ => text.Address + (ulong)random.NextInt64((long)text.Size))];
        var theirs = Addr2Line(reference, addresses);
        Assert.SkipWhen(theirs.Count == 0, "addr2line is not installed");

        var profile = new Profile();
        var options = new SymbolizerOptions { Names = new NameOptions { Demangle = false } };
        using var jitDumps = new JitDumps(profile, options);
        using var symbolizer = new Symbolizer(options, jitDumps);
        int module = profile.Modules.Intern(new Module(ModuleKind.File, path, "", 0, 0));
        int known = 0;
        int inlined = 0;
        List<string> different = [];
        for (int i = 0; i < addresses.Length; i++)
        {
            Assert.True(file.TryGetFileOffset(addresses[i], out ulong offset));
            int frame = profile.Frames.Intern(new Frame(offset, module, FrameMode.User, IsReturnAddress: false));
            string symbol = profile.Functions[symbolizer.FunctionOf(profile, frame)].Name.Split('.')[0];
            if (symbol.Length == 0 || theirs[i].Any(static link => link.Place.Contains('?', StringComparison.Ordinal)))
            {
                continue; // between functions, or without a line: what addr2line says then comes from elsewhere
            }

            var ours = Chain(profile, symbolizer, frame);
            known++;
            inlined += ours.Length > 1 ? 1 : 0;
            if (!IsSame(ours, theirs[i], symbol))
            {
                different.Add($"{addresses[i]:x}: {string.Join(" < ", ours)}, of addr2line {string.Join(" < ", theirs[i])}");
            }
        }

        Assert.True(
            different.Count * 100 <= known * (100 - atLeastPercent),
            $"{different.Count} of {known} chains are not addr2line's, such as\n{string.Join('\n', different.Take(10))}");
        Assert.True((inlined * 10 > known || !hasInlined) && known * 3 > addresses.Length, $"{known} chains, {inlined} with inlined functions");
        Assert.Empty(symbolizer.Warnings);
    }

    /// <summary>
    /// The function whose code it is has the symbol's name here and the source's there; binutils gives inlined functions that the
    /// linker does not know the name of the symbol around them.
    /// </summary>
    private static bool IsSame(Link[] ours, Link[] theirs, string symbol) =>
        ours.Length == theirs.Length && ours.Zip(theirs).Select((links, index) =>
            links.First.Place == links.Second.Place
            && (links.First.Function == links.Second.Function
                || (index == 0 && links.Second.Function == symbol)
                || (index == ours.Length - 1 && symbol.Contains($"{links.Second.Function.Length}{links.Second.Function}", StringComparison.Ordinal))))
            .All(static same => same);

    /// <summary>An address's functions and lines, the innermost first.</summary>
    private static Link[] Chain(Profile profile, Symbolizer symbolizer, int frame)
    {
        int[] frames = [.. symbolizer.FunctionsAt(profile, frame)];
        Array.Reverse(frames);
        return [.. (frames.Length == 0 ? [frame] : frames).Select(function => new Link(
            profile.Functions[symbolizer.FunctionOf(profile, function)].Name.Split('.')[0],
            symbolizer.LineOf(profile, function) is { } line ? $"{line.FileName}:{line.Line}" : ""))];
    }

    private static List<Link[]> Addr2Line(string path, ulong[] addresses)
    {
        List<Link[]> chains = [];
        List<Link> links = [];
        string[] lines = Programs.Output(
            "addr2line", ["-a", "-i", "-f", "-e", path, .. addresses.Select(address => address.ToString("x", CultureInfo.InvariantCulture))]);
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith("0x", StringComparison.Ordinal))
            {
                Finish();
            }
            else
            {
                links.Add(new Link(lines[i].Split('.')[0], Path.GetFileName(lines[i + 1].Split(' ')[0])));
                i++;
            }
        }

        Finish();
        return chains;

        void Finish()
        {
            if (links.Count != 0)
            {
                chains.Add([.. links]);
            }

            links.Clear();
        }
    }

    /// <summary>A function at an address and the line in it.</summary>
    /// <param name="Function">
    /// Its name, without what the linker's names of parts of functions end in: debug information calls f.cold and f.part.0 f.
    /// </param>
    /// <param name="Place">The file's name and the line.</param>
    private sealed record Link(string Function, string Place)
    {
        public override string ToString() => $"{Function} {Place}";
    }

    /// <summary>Compiles both parts of the program in the test's directory.</summary>
    private string Compile(string compiler, string name, params string[] options)
    {
        string source = Path.Combine(Fixtures.Root, "tests", "Viperf.Tests", "Symbols", "inlined.cc");
        string[] objects = [Path.Combine(_directory, $"{name}1.o"), Path.Combine(_directory, $"{name}2.o")];
        for (int part = 1; part <= 2; part++)
        {
            Assert.SkipUnless(
                Run(compiler, ["-O2", "-w", .. options.Where(option => !option.StartsWith("-Wl", StringComparison.Ordinal)), $"-DPART={part}", "-c", "-o", objects[part - 1], source]),
                $"{compiler} is not installed, or does not know {string.Join(' ', options)}");
        }

        string program = Path.Combine(_directory, name);
        Assert.SkipUnless(Run(compiler, ["-O2", .. options, "-o", program, .. objects]), $"{compiler} cannot link {string.Join(' ', options)}");
        return program;
    }

    private bool Run(string program, params string[] arguments) => Programs.Run(program, arguments, _directory);
}
