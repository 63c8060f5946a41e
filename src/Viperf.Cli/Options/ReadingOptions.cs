using System.CommandLine;
using System.Globalization;
using Viperf.Cli.Text;
using Viperf.Core;
using Viperf.Core.Symbols;

namespace Viperf.Cli.Options;

/// <summary>The options that commands which read a recording have in common.</summary>
internal static class ReadingOptions
{
    /// <summary>Which recording to read.</summary>
    public static readonly Option<string> Input = new("--input", "-i")
    {
        Description = "The recording to read (default perf.data); - for standard input",
        HelpName = "FILE",
        DefaultValueFactory = _ => "perf.data",
    };

    /// <summary>perf's switch for recordings of other users.</summary>
    public static readonly Option<bool> Force = new("--force", "-f")
    {
        Description = "Accepted as perf's; viperf reads recordings of any owner",
    };

    /// <summary>Whether the header comes before the rest.</summary>
    public static readonly Option<bool> Header = new("--header") { Description = "Show the recording's header first" };

    /// <summary>Whether the header is all that is shown.</summary>
    public static readonly Option<bool> HeaderOnly = new("--header-only") { Description = "Show only the header" };

    /// <summary>Whether a header has its long parts too.</summary>
    public static readonly Option<bool> ShowInfo = new("--show-info", "-I")
    {
        Description = "With a header: the machine's topology and caches too",
    };

    /// <summary>Which part of the recording's time to read; see <see cref="TimeSlice"/>.</summary>
    public static readonly Option<string?> Time = new("--time")
    {
        Description = "Only samples of a slice of time: START,STOP in seconds, or a part such as 10%-20%",
        HelpName = "SLICE",
    };

    private static readonly Option<string?> s_maxStack = new("--max-stack")
    {
        Description = "Use so many frames of a stack, counted from the leaf (default all)",
        HelpName = "N",
    };

    private static readonly Option<bool> s_inline = new("--inline")
    {
        Description = "Show inlined functions in call chains (the default; --no-inline: only the functions that hold them)",
        DefaultValueFactory = _ => true,
    };

    private static readonly Option<bool> s_fullSourcePath = new("--full-source-path")
    {
        Description = "Show whole paths of source files",
    };

    private static readonly Option<bool> s_demangle = new("--demangle")
    {
        Description = "Show names of C++ and Rust as in the source (the default; --no-demangle: the compiler's symbols)",
        DefaultValueFactory = _ => true,
    };

    private static readonly Option<bool> s_demangleKernel = new("--demangle-kernel")
    {
        Description = "Do so in the kernel too",
    };

    /// <summary>Adds what decides how a frame's functions and lines are shown.</summary>
    public static void AddSourceTo(Command command)
    {
        command.Options.Add(s_demangle);
        command.Options.Add(s_demangleKernel);
        command.Options.Add(s_inline);
        command.Options.Add(s_fullSourcePath);
    }

    /// <summary>How functions are called.</summary>
    /// <param name="options">The options.</param>
    /// <param name="withParameters">Whether C++ functions have their parameters.</param>
    public static NameOptions Names(ParseResult options, bool withParameters = false) => new()
    {
        Demangle = options.GetValue(s_demangle),
        DemangleKernel = options.GetValue(s_demangleKernel),
        WithParameters = withParameters,
    };

    /// <summary>Whether call chains have inlined functions.</summary>
    public static bool Inlines(ParseResult options) => options.GetValue(s_inline);

    /// <summary>How a line of source is written, <c>FILE:LINE</c>.</summary>
    public static Func<SourceLine, string> LineText(ParseResult options) => options.GetValue(s_fullSourcePath)
        ? static line => string.Create(CultureInfo.InvariantCulture, $"{line.Path}:{line.Line}")
        : static line => string.Create(CultureInfo.InvariantCulture, $"{line.FileName}:{line.Line}");

    private static readonly Option<string?> s_symfs = new("--symfs")
    {
        Description = "Look for files below this directory, a copy of the recorded machine's",
        HelpName = "DIR",
    };

    private static readonly Option<string?> s_kallsyms = new("--kallsyms")
    {
        Description = "Take the kernel's symbols from this copy of /proc/kallsyms",
        HelpName = "FILE",
    };

    private static readonly Option<string?> s_debuginfoDirectory = new("--debuginfo-dir")
    {
        Description = "Look for debug files in this directory before /usr/lib/debug",
        HelpName = "DIR",
    };

    /// <summary>Adds where symbols are looked for.</summary>
    public static void AddSymbolsTo(Command command)
    {
        command.Options.Add(s_symfs);
        command.Options.Add(s_kallsyms);
        command.Options.Add(s_debuginfoDirectory);
    }

    /// <summary>Where to look for symbols.</summary>
    /// <exception cref="UserErrorException">A directory is not there.</exception>
    public static SymbolSources Symbols(ParseResult options) => new()
    {
        Root = Folder(options, s_symfs)?.TrimEnd('/') ?? "",
        Kallsyms = options.GetValue(s_kallsyms),
        DebugFolder = Folder(options, s_debuginfoDirectory),
        AsksServers = true,
        Progress = Progress.Say,
    };

    /// <summary>The whole path of a directory that an option names; null where it was not given.</summary>
    /// <exception cref="UserErrorException">It is not there.</exception>
    public static string? Folder(ParseResult options, Option<string?> option) => options.GetValue(option) is not { } path ? null
        : Directory.Exists(path) ? Path.GetFullPath(path)
        : throw new UserErrorException($"{option.Name} {path}: no such directory", OptionGrammar.UsageError);

    /// <summary>Adds all options but the input, which help lists first and others may not need.</summary>
    public static void AddTo(Command command)
    {
        foreach (var option in (ReadOnlySpan<Option>)[Time, s_maxStack, Header, HeaderOnly, ShowInfo, Force])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>How many frames of a stack count.</summary>
    /// <exception cref="UserErrorException">The option's value is no such number.</exception>
    public static int MaxStack(ParseResult options) => options.GetValue(s_maxStack) is not { } text ? int.MaxValue
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int frames) && frames > 0 ? frames
        : throw new UserErrorException($"--max-stack {text}: expected a number of frames, 1 or more", OptionGrammar.UsageError);
}
