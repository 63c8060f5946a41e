using System.ComponentModel;
using System.Diagnostics;

namespace Viperf.Cli.Web;

/// <summary>The user's browser.</summary>
internal static class Browser
{
    /// <summary>In a session of its own, which outlives this terminal and hears no Ctrl-C of it.</summary>
    private const string Detached = "exec setsid \"$1\" \"$2\" </dev/null >/dev/null 2>&1";

    /// <summary>Opens a page, and does not wait for it.</summary>
    /// <param name="page">Its address, or the whole path of its file.</param>
    /// <returns>Null, or why it was not opened.</returns>
    public static string? Open(string page)
    {
        string? named = Environment.GetEnvironmentVariable("BROWSER")?.Split(':').FirstOrDefault(static one => one.Length > 0);
        string program = named is null || named.Contains('%', StringComparison.Ordinal) ? "xdg-open" : named;
        var start = new ProcessStartInfo("/bin/sh");
        foreach (string argument in (ReadOnlySpan<string>)["-c", Detached, "sh", program, page])
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            if (!IsThere(program))
            {
                return $"no browser: {program} is not there (xdg-utils has xdg-open; BROWSER names another program)";
            }

            using var process = Process.Start(start);
            return null;
        }
        catch (Win32Exception e)
        {
            return $"no browser: {e.Message}";
        }
    }

    private static bool IsThere(string program) => program.Contains('/', StringComparison.Ordinal)
        ? File.Exists(program)
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, program)));
}
