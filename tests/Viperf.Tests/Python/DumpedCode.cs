using System.Diagnostics;
using System.Globalization;
using Viperf.Formats.Python;

namespace Viperf.Tests.Python;

/// <summary>A code object of a real interpreter, and what that says of its lines.</summary>
/// <param name="FirstLine">Its co_firstlineno.</param>
/// <param name="Code">Its co_code.</param>
/// <param name="Table">Its co_linetable or co_lnotab.</param>
/// <param name="Lines">Its lines by the interpreter itself, neighbours of one line put together.</param>
/// <param name="Name">Its qualified name, where the version has one.</param>
/// <param name="File">Its co_filename.</param>
internal sealed record DumpedCode(
    int FirstLine, byte[] Code, byte[] Table, List<CodeLineRange> Lines, string Name, string File)
{
    /// <summary>The code objects of an interpreter's standard library, and the minor number of its version.</summary>
    public static (int Minor, List<DumpedCode> Codes) Of(string python)
    {
        string version = Output(python, "-c", "import sys; print(sys.version_info[1])")[0];
        string script = Path.Combine(Fixtures.Root, "tests", "workloads", "codes.py");
        var codes = Output(python, "-I", "-X", "utf8", "-W", "ignore", script).Select(Parse);
        return (int.Parse(version, CultureInfo.InvariantCulture), [.. codes]);
    }

    /// <summary>The lines that a program prints.</summary>
    public static List<string> Output(string program, params string[] args)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        List<string> lines = [];
        while (process.StandardOutput.ReadLine() is { } line)
        {
            lines.Add(line);
        }

        process.WaitForExit();
        return process.ExitCode == 0 ? lines : throw new InvalidOperationException($"{program}: exit status {process.ExitCode}");
    }

    private static DumpedCode Parse(string line)
    {
        string[] parts = line.Split('\t');
        List<CodeLineRange> lines = [];
        foreach (string range in parts[3].Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            uint[] numbers = [.. range.Split(':').Select(number => uint.Parse(number, CultureInfo.InvariantCulture))];
            lines.Add(new(numbers[0], numbers[1], numbers[2]));
        }

        return new(
            int.Parse(parts[0], CultureInfo.InvariantCulture),
            Convert.FromHexString(parts[1]),
            Convert.FromHexString(parts[2]),
            lines,
            parts[4],
            parts[5]);
    }
}
