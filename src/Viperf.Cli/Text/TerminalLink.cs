using System.Globalization;

namespace Viperf.Cli.Text;

/// <summary>Links in a terminal's text (OSC 8), for terminals that are known to have them.</summary>
internal static class TerminalLink
{
    /// <summary>The first version of the library behind GNOME's and other terminals that has links: 0.50.</summary>
    private const int FirstVte = 5000;

    private static readonly string[] s_variables =
        ["KITTY_WINDOW_ID", "WEZTERM_PANE", "WT_SESSION", "KONSOLE_VERSION", "DOMTERM", "GHOSTTY_RESOURCES_DIR", "ALACRITTY_WINDOW_ID"];

    private static readonly string[] s_programs = ["iTerm.app", "vscode", "WezTerm", "ghostty", "Hyper", "rio", "Tabby"];
    private static readonly string[] s_terminals = ["xterm-kitty", "foot", "alacritty", "xterm-ghostty", "wezterm", "contour", "rio"];

    /// <summary>Multiplexers and consoles: what the terminal around them can says nothing of them.</summary>
    private static readonly string[] s_without = ["dumb", "linux", "screen", "tmux"];

    /// <summary>The text, as a link where that is known to work.</summary>
    /// <param name="text">What is shown; where it is no link it has to say enough.</param>
    /// <param name="target">Where it leads.</param>
    /// <param name="isTerminal">Whether it goes to a terminal.</param>
    public static string Of(string text, Uri target, bool isTerminal) => isTerminal && IsKnown(Environment.GetEnvironmentVariable)
        ? $"\e]8;;{target.AbsoluteUri}\e\\{text}\e]8;;\e\\" : text;

    /// <summary>The address of a file; with the machine's name in it, so that a terminal that shows another one does not open it.</summary>
    /// <param name="path">Its whole path.</param>
    public static Uri OfFile(string path) =>
        new($"file://{Environment.MachineName}{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}");

    /// <summary>Whether an environment is that of a terminal that has links.</summary>
    /// <param name="valueOf">Knows its variables.</param>
    internal static bool IsKnown(Func<string, string?> valueOf)
    {
        string terminal = valueOf("TERM") ?? "";
        return !s_without.Any(name => terminal == name || terminal.StartsWith(name + "-", StringComparison.Ordinal) || terminal.StartsWith(name + ".", StringComparison.Ordinal))
            && (s_variables.Any(name => !string.IsNullOrEmpty(valueOf(name)))
                || s_programs.Contains(valueOf("TERM_PROGRAM"))
                || s_terminals.Any(name => terminal == name || terminal.StartsWith(name + "-", StringComparison.Ordinal))
                || (int.TryParse(valueOf("VTE_VERSION"), NumberStyles.None, CultureInfo.InvariantCulture, out int version) && version >= FirstVte));
    }
}
