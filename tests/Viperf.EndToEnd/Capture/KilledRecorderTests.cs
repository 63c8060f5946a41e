using System.Globalization;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Capture;

/// <summary>A recorder that is killed leaves a recording that can be read like any other.</summary>
public class KilledRecorderTests
{
    private const string Program = """
        import sys, threading, time
        def inner(n):
            total = 0
            for i in range(n):
                total += i * i
            return total
        def outer():
            return inner(2000)
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        end = time.process_time() + 1
        while time.process_time() < end:
            outer()
        print("ready", flush=True)
        sys.stdin.read()
        """;

    [Theory]
    [InlineData("3.8.18", "cpu")]
    [InlineData("3.11.7", "cpu")]
    [InlineData("3.13.0", "cpu")]
    [InlineData("3.8.18", "wall")]
    [InlineData("3.13.0", "wall")]
    public void Reading_names_functions_and_lines(string version, string mode)
    {
        using var directory = new TempDirectory();
        string program = directory.File("program.py");
        File.WriteAllText(program, Program);
        string folder = directory.File("perf.data.python");
        using var recorder = new Tool { File = ViperfBinary.Path, WorkingDirectory = directory.Path }.Start(
            "record", "--python", "capture", "--mode", mode, "--call-graph", "dwarf,16384", "-F", "4999", "-o", "perf.data", "--",
            Interpreter.Pyenv(version).Path, program);
        Assert.Equal("ready", recorder.StandardOutput.ReadLine());

        // As long as the recorder lives, readers leave what it writes alone.
        ViperfBinary.RunIn(directory, "report", "-i", "perf.data", "-g", "none").Succeeded();
        Assert.EndsWith("-spool", Assert.Single(Directory.GetFiles(folder)));

        recorder.Kill();
        recorder.WaitForExit();
        recorder.StandardInput.Close(); // ends the program
        var first = ViperfBinary.RunIn(directory, "report", "-i", "perf.data", "--no-children", "-g", "none", "-s", "sym,srcline").Succeeded();

        Assert.Contains("the recorder was killed", Assert.Single(first.ErrorLines, line => line.Contains("captured of Python", StringComparison.Ordinal)));
        Assert.Contains(first.Lines, line => line.Contains($"py::inner:{program}", StringComparison.Ordinal) && line.Contains("program.py:5", StringComparison.Ordinal));
        Assert.Equal(mode == "wall", first.Lines.Any(line => line.Contains("[blocked: ", StringComparison.Ordinal)));
        Assert.EndsWith(".so", Assert.Single(Directory.GetFiles(folder)));

        var stacks = CapturedRecording.ReadSamples(directory).Select(sample => sample.Python).Where(frames => frames.Count == 3).ToList();
        Assert.True(stacks.Count(IsInner) > 500, string.Create(CultureInfo.InvariantCulture, $"{stacks.Count} stacks"));
        Assert.DoesNotContain(stacks, frames => frames[0].Function == "inner" && !IsInner(frames));

        var again = ViperfBinary.RunIn(directory, "report", "-i", "perf.data", "--no-children", "-g", "none", "-s", "sym,srcline").Succeeded();
        Assert.Equal(first.Output, again.Output);
        Assert.DoesNotContain("captured of Python", again.Error, StringComparison.Ordinal);
    }

    private static bool IsInner(List<CapturedFrame> frames) =>
        frames is [{ Function: "inner", Line: >= 2 and <= 6 }, { Function: "outer", Line: 8 }, { Function: "<module>", Line: 12 }];
}
