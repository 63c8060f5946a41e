using System.Text.RegularExpressions;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Names;

/// <summary>
/// Functions and lines of a C++ program that compilers, linkers and tools packed in many ways: at every place that was
/// sampled the inlined ones that its source has, and all as addr2line prints them.
/// </summary>
public sealed class InlinedFunctionsTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    /// <summary>
    /// What builds <c>program</c> from $SOURCES; where addr2line cannot read all of its debug information, <c>plain</c> too, which
    /// has the same code and what addr2line reads.
    /// </summary>
    public static TheoryData<string, string> Builds => new()
    {
        { "lines only", "g++ -O2 -g1 -o program $SOURCES" },
        { "type units", "g++ -O2 -gdwarf-4 -fdebug-types-section -o program $SOURCES" },
        { "static, not PIE", "g++ -O2 -g -static -no-pie -o program $SOURCES" },
        { "link-time optimization", "g++ -O2 -g -flto -o program $SOURCES" },
        { "compressed, a section a function", "g++ -O2 -g -gz=zlib -ffunction-sections -Wl,--gc-sections -o program $SOURCES" },
        { "compressed with zstd", "g++ -O2 -g -o plain $SOURCES; objcopy --compress-debug-sections=zstd plain program" },
        { "split DWARF 5", "g++ -O2 -g -gsplit-dwarf -o program $SOURCES; g++ -O2 -g -o plain $SOURCES" },
        {
            "split DWARF 4 in a package",
            "g++ -O2 -gdwarf-4 -gsplit-dwarf -o program $SOURCES; dwp -e program -o program.dwp; rm *.dwo; "
                + "g++ -O2 -gdwarf-4 -o plain $SOURCES"
        },
        { "partial units", "g++ -O2 -g -o plain $SOURCES; dwz -o program plain" },
        {
            "a supplementary file",
            "g++ -O2 -g -o plain $SOURCES; cp plain program; cp plain other; dwz -m common.debug -M common.debug program other; "
                + "readelf -SW program | grep -q gnu_debugaltlink"
        },
        {
            "clang, split DWARF 5 in a package",
            "clang++ -O2 -g -gsplit-dwarf -c $SOURCES; clang++ -o program *.o; llvm-dwp -e program -o program.dwp; rm *.dwo; "
                + "clang++ -O2 -gdwarf-4 -o plain $SOURCES"
        },
        {
            "clang, thin link-time optimization",
            "clang++ -O2 -g -flto=thin -fuse-ld=lld -o program $SOURCES; "
                + "clang++ -O2 -gdwarf-4 -flto=thin -fuse-ld=lld -o plain $SOURCES"
        },
        {
            "moved by BOLT",
            "g++ -O2 -gdwarf-4 -Wl,--emit-relocs -o linked $SOURCES; llvm-bolt-16 linked -o program --update-debug-sections "
                + "--reorder-blocks=ext-tsp --reorder-functions=hfsort --split-functions --split-all-cold >log 2>&1"
        },
    };

    [Theory]
    [MemberData(nameof(Builds))]
    public void Names_and_lines_are_those_that_addr2line_prints(string build, string commands)
    {
        Build(build, commands);
        string program = _directory.File("program");
        ViperfBinary.RunIn(_directory, "record", "-F", "4999", "-e", "cpu-clock:u", "--call-graph", "dwarf,16384", program, "40").Succeeded();
        string plain = File.Exists(_directory.File("plain")) ? _directory.File("plain") : program;

        List<NamedPlace> places = [.. NamedPlace.Of(_directory.File("perf.data"), "--no-demangle").Where(place => place.File == program)];
        var said = Addr2Line.Functions(plain, places.Select(place => place.Address));

        Assert.All(places, place => Assert.Equal(NamedPlace.Comparable(said[place.Address]), NamedPlace.Comparable(place.Functions)));

        // Inlined into main's callees: the standard library's, a header's template in a template.
        Assert.Contains(places, place => Names(place) is ["_ZN6shapes5MixerImE3addEm", "_ZN6shapes3mixImEET_RKSt6vectorIS1_SaIS1_EE", ..]);
        Assert.Contains(places, place => place.Functions.Count > 3);
        Assert.Contains(places, place => Names(place) is ["main"]);
    }

    public void Dispose() => _directory.Dispose();

    private static string[] Names(NamedPlace place) => [.. place.Functions.Select(function => function.Name)];

    private void Build(string build, string commands)
    {
        foreach (string tool in new[] { "g++", "dwp", "dwz", "clang++", "lld", "llvm-dwp", "llvm-bolt-16" })
        {
            if (Regex.IsMatch(commands, $@"(^|[ =]){Regex.Escape(tool)}( |$)"))
            {
                Assert.SkipUnless(Tool.IsOnPath(tool), $"{build}: {tool} is not installed");
            }
        }

        new Tool
        {
            File = "/bin/sh",
            WorkingDirectory = _directory.Path,
            Environment = new Dictionary<string, string?>
            {
                ["SOURCES"] = $"{Workload.PathOf("inlines.cpp")} {Workload.PathOf("inlines_far.cpp")}",
            },
        }.Run("-ec", commands).Succeeded();
    }
}
