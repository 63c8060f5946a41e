using System.ComponentModel;
using System.Diagnostics;

namespace Viperf.Tests;

/// <summary>Other programs, which tests compare with.</summary>
internal static class Programs
{
    /// <summary>What a program prints, line by line; none where it is not installed.</summary>
    public static string[] Output(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Win32Exception)
        {
            return [];
        }
    }

    /// <summary>Runs a program to its end; false where it fails or is not installed.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="directory">Where it runs; null for the test's own directory.</param>
    public static bool Run(string program, IEnumerable<string> arguments, string? directory = null)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = directory ?? "" })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
