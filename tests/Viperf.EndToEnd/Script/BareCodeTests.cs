using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Script;

/// <summary>Stacks of C programs, most of them without call frame information, whose callers are known from their source.</summary>
public sealed class BareCodeTests : IDisposable
{
    private const string NoInformation = "-fno-asynchronous-unwind-tables -fno-unwind-tables";

    /// <summary>Recursions of frames.c: a function, and how often it stands on the stack between burn and main.</summary>
    private static readonly (string Function, int Times)[] s_recursions =
        [("large", 31), ("variable", 13), ("realigned", 13), ("realigned_variable", 13)];

    private readonly TempDirectory _directory = new();

    [Theory]
    [InlineData("-O2")]
    [InlineData("-O0 " + NoInformation)]
    [InlineData("-O2 -fno-omit-frame-pointer " + NoInformation)]
    [InlineData("-O2 -static -fno-omit-frame-pointer " + NoInformation)]
    [InlineData("-O2 -g " + NoInformation)]
    public void Every_caller_is_there(string build)
    {
        string program = Compile("frames.c", build);
        var record = ViperfBinary.RunIn(
            _directory, "record", "-F", "999", "-e", "cpu-clock:u", "--call-graph", "dwarf,65528", "--unwind", "post", program, "100");
        record.Succeeded();

        var samples = ScriptSample.Parse(ViperfBinary.RunIn(_directory, "script").Succeeded().Output);

        foreach (var (function, times) in s_recursions)
        {
            string[][] stacks =
            [
                .. samples.Select(sample => sample.Frames.Select(frame => frame.Symbol).ToArray())
                    .Where(names => names is ["burn", ..] && names[1] == function),
            ];
            Assert.NotEmpty(stacks);
            Assert.All(stacks, names =>
            {
                Assert.Equal([.. Enumerable.Repeat(function, times), "main"], names[1..(times + 2)]);
                Assert.Equal("_start", names[^1]);
            });
        }
    }

    public void Dispose() => _directory.Dispose();

    private string Compile(string source, string options)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/gcc"), "gcc is not installed");
        string program = _directory.File("program");
        new Tool { File = "gcc" }.Run(
            [.. options.Split(' '), "-o", program, Repository.PathOf("tests", "workloads", source)]).Succeeded();
        return program;
    }
}
