using System.Diagnostics;
using System.Text;

namespace Viperf.EndToEnd.Harness;

/// <summary>What a program left behind.</summary>
/// <param name="ExitCode">Its exit status.</param>
/// <param name="Output">What it wrote to its standard output.</param>
/// <param name="Error">What it wrote to its standard error.</param>
internal sealed record ToolResult(int ExitCode, string Output, string Error)
{
    /// <summary>The output's lines.</summary>
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The lines on the standard error.</summary>
    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Itself, if the exit status is 0.</summary>
    /// <exception cref="InvalidOperationException">It is not; the message has what the program wrote.</exception>
    public ToolResult Succeeded() => ExitCode == 0
        ? this
        : throw new InvalidOperationException($"exit status {ExitCode}\nstdout: {Output}\nstderr: {Error}");
}

/// <summary>Runs programs for tests.</summary>
internal sealed class Tool
{
    /// <summary>
    /// How long a program may take before the test is given up: a guard against hangs, far above what any takes.
    /// </summary>
    private static readonly TimeSpan s_guard = TimeSpan.FromMinutes(4);

    /// <summary>The program: a path, or a name on PATH.</summary>
    public required string File { get; init; }

    /// <summary>Where it runs; by default where the tests run.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Variables to set, or, with null, to take away.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>What the program reads from its standard input.</summary>
    public string Input { get; init; } = "";

    /// <summary>Whether a program is there to be run by its name.</summary>
    public static bool IsOnPath(string name) => PathOf(name) is not null;

    /// <summary>Where the search of PATH finds a program; null if it does not.</summary>
    public static string? PathOf(string name) => (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(directory => Path.Combine(directory, name))
        .FirstOrDefault(System.IO.File.Exists);

    /// <summary>Starts the program, without a shell in between.</summary>
    public Process Start(params IEnumerable<string> args)
    {
        var start = new ProcessStartInfo(File, args)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = WorkingDirectory ?? "",
        };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Runs the program to its end.</summary>
    public ToolResult Run(params IEnumerable<string> args)
    {
        using var process = Start(args);
        return Finish(process, Input);
    }

    /// <summary>Waits for the end of a started program.</summary>
    public static ToolResult Finish(Process process, string input = "")
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading its input; what it wrote says the rest.
        }

        if (!Task.WhenAll(output, error, process.WaitForExitAsync()).Wait(s_guard))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)}");
        }

        return new(process.ExitCode, output.Result, error.Result);
    }
}
