using System.Text.RegularExpressions;
using Xunit;

namespace Viperf.Tests;

/// <summary>Holds the rules of ARCHITECTURE.md against the sources' using lines.</summary>
public partial class ArchitectureTests
{
    /// <summary>Rooms of Core that every other room may refer to.</summary>
    private static readonly string[] s_ground = ["Linux", "Profiles"];

    /// <summary>The one room of Core that knows the others.</summary>
    private const string Pipeline = "Pipeline";

    private static readonly string s_sources = Path.Combine(CheckoutRoot(), "src");

    public static TheoryData<string> RoomsOfCore =>
        [.. Directory.EnumerateDirectories(Path.Combine(s_sources, "Viperf.Core"))
            .Select(directory => Path.GetFileName(directory)!)
            .Where(name => name is not ("bin" or "obj"))];

    [Theory]
    [MemberData(nameof(RoomsOfCore))]
    public void A_room_of_Core_refers_only_to_the_rooms_that_it_may(string room)
    {
        var siblings = References(Path.Combine("Viperf.Core", room))
            .Where(reference => reference.Namespace.StartsWith("Viperf.Core.", StringComparison.Ordinal))
            .Select(reference => (reference.File, Room: reference.Namespace.Split('.')[2]))
            .Where(reference => reference.Room != room);
        var forbidden = room switch
        {
            Pipeline => [],
            "Profiles" or "Linux" => siblings,
            _ => siblings.Where(reference => !s_ground.Contains(reference.Room)),
        };
        Assert.Empty(forbidden);
    }

    [Fact]
    public void Projects_refer_to_each_other_in_one_direction()
    {
        Assert.DoesNotContain(References("Viperf.Formats"), reference => IsOf(reference.Namespace, "Viperf.Core", "Viperf.Cli"));
        Assert.DoesNotContain(References("Viperf.Core"), reference => IsOf(reference.Namespace, "Viperf.Cli", "Viperf.Agent"));
        Assert.DoesNotContain(
            References("Viperf.Agent"), reference => IsOf(reference.Namespace, "Viperf.Formats", "Viperf.Core", "Viperf.Cli"));
    }

    [Fact]
    public void Formats_opens_no_files_and_makes_no_system_calls()
    {
        Assert.DoesNotContain(References("Viperf.Formats"), reference => reference.Namespace.StartsWith("Microsoft.Win32", StringComparison.Ordinal));
        var calls = Sources("Viperf.Formats")
            .Where(file => FileAccess().IsMatch(File.ReadAllText(file)))
            .Select(Path.GetFileName);
        Assert.Empty(calls);
    }

    [Fact]
    public void Only_the_room_Linux_declares_native_functions()
    {
        var others = Sources("")
            .Where(file => !file.Contains("/Viperf.Core/Linux/", StringComparison.Ordinal))
            .Where(file => NativeFunction().IsMatch(File.ReadAllText(file)))
            .Select(Path.GetFileName);
        Assert.Empty(others);
    }

    [Fact]
    public void A_file_lies_where_its_namespace_says()
    {
        var strays = Sources("")
            .Select(file => (File: file, Namespace: Namespace().Match(File.ReadAllText(file)).Groups[1].Value))
            .Where(source => source.Namespace.Length > 0)
            .Where(source => source.Namespace
                != NamespaceOf(Path.GetRelativePath(s_sources, Path.GetDirectoryName(source.File)!)));
        Assert.Empty(strays);
    }

    /// <summary>Abi is no project: its files are compiled into two.</summary>
    private static string NamespaceOf(string directory) => directory == "Abi" ? "Viperf.Abi" : directory.Replace('/', '.');

    private static bool IsOf(string name, params string[] projects) =>
        projects.Any(project => name == project || name.StartsWith(project + ".", StringComparison.Ordinal));

    private static List<(string File, string Namespace)> References(string directory) =>
        [.. Sources(directory).SelectMany(file => Using().Matches(File.ReadAllText(file))
            .Select(match => (Path.GetFileName(file), match.Groups[1].Value)))];

    private static IEnumerable<string> Sources(string directory) =>
        Directory.EnumerateFiles(Path.Combine(s_sources, directory), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    private static string CheckoutRoot()
    {
        string? place = AppContext.BaseDirectory;
        while (place is not null && !File.Exists(Path.Combine(place, "Viperf.slnx")))
        {
            place = Path.GetDirectoryName(place);
        }

        return place ?? throw new DirectoryNotFoundException($"no checkout of viperf above {AppContext.BaseDirectory}");
    }

    [GeneratedRegex(@"^using (?:static |\w+ = )?(?:global::)?([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"\b(File|Directory|RandomAccess|MemoryMappedFile)\.(Open|Create|Read|Write|Enumerate|Exists|Delete)|new FileStream\b|\[(DllImport|LibraryImport)\b")]
    private static partial Regex FileAccess();

    [GeneratedRegex(@"\[(DllImport|LibraryImport)\b")]
    private static partial Regex NativeFunction();
}
