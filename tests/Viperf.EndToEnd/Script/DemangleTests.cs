using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Script;

/// <summary>Names of C++ and Rust, which perf shows as in the source without parameters and hashes.</summary>
public class DemangleTests
{
    [Theory]
    [InlineData("names.cpp", "shapes::(anonymous namespace)::Box<double, 4>::operator bool", "operator bool() const")]
    [InlineData("names.rs", "names::inner::call", "names::inner::call")]
    public void Names_are_perfs(string source, string name, string verboseName)
    {
        using var directory = new TempDirectory();
        string program = directory.File("names");
        string path = Repository.PathOf("tests", "workloads", source);
        Compile(source.EndsWith(".rs", StringComparison.Ordinal)
            ? ["rustc", "-O", "-o", program, path]
            : ["g++", "-O1", "-o", program, path]);
        string file = directory.File("perf.data");
        PerfTool.Run("record", "-N", "-F", "999", "-o", file, program).Succeeded();

        foreach (string option in new[] { "--demangle", "--no-demangle" })
        {
            string[] script = ["script", option, "-F", "ip,sym", "-i", file];
            string theirs = PerfTool.Run(script).Succeeded().Output;
            Assert.Equal(theirs, ViperfBinary.Run(script).Succeeded().Output);
            Assert.Equal(option == "--demangle", theirs.Contains(name));
        }

        string[] report = ["report", "--stdio", "--no-children", "-s", "sym", "-F", "sym", "-i", file];
        Assert.Contains(name, ViperfBinary.Run(report).Succeeded().Output);
        Assert.Contains(verboseName, ViperfBinary.Run([.. report, "-v"]).Succeeded().Output);
        Assert.DoesNotContain(name, ViperfBinary.Run([.. report, "--no-demangle"]).Succeeded().Output);
    }

    [Fact]
    public void Filters_take_the_names_that_are_shown()
    {
        using var directory = new TempDirectory();
        string program = directory.File("names");
        Compile("g++", "-O1", "-o", program, Repository.PathOf("tests", "workloads", "names.cpp"));
        string file = directory.File("perf.data");
        ViperfBinary.Run("record", "-F", "999", "-o", file, program).Succeeded();

        const string Name = "shapes::apply<main::{lambda(int)#1}>"; // without a comma, which would part two names
        var lines = ViperfBinary.Run("script", "-F", "ip,sym", "--symbols", Name, "-i", file).Succeeded().Lines;
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.EndsWith($" {Name}", line));
    }

    private static void Compile(params string[] command)
    {
        string? missing = null;
        try
        {
            new Tool { File = command[0] }.Run(command[1..]).Succeeded();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            missing = $"{command[0]} is not installed";
        }

        Assert.SkipWhen(missing is not null, missing ?? "");
    }
}
