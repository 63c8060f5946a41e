using System.CommandLine;

namespace Viperf.Cli.Options;

/// <summary>The options of commands that make pages.</summary>
internal static class PageOptions
{
    /// <summary>Whether a browser is opened.</summary>
    public static readonly Option<bool> Open = new("--open") { Description = "Open the page in the browser" };

    /// <summary>Whether the page has sources.</summary>
    public static readonly Option<bool> Source = new("--source")
    {
        Description = "Put the sources of the functions that have samples into the page (the default; --no-source: no line of them)",
        DefaultValueFactory = _ => true,
    };
}
