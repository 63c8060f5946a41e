using System.CommandLine;
using Viperf.Cli.Options;
using Viperf.Cli.Text;
using Viperf.Cli.Web;
using Viperf.Core;
using Viperf.Core.Linux;
using Viperf.Core.Pipeline;
using Viperf.Core.Profiles;
using Viperf.Core.Sources;

namespace Viperf.Cli.Commands;

/// <summary>The page that <c>viperf run</c> leaves beside its recording. What goes wrong with it costs the page, and one line.</summary>
internal sealed class RunPage
{
    private static readonly Option<string?> s_html = new("--html")
    {
        Description = "Where the page for the browser goes (default beside the recording: profile.html, of -o FILE.data FILE.html)",
        HelpName = "FILE",
    };

    private static readonly Option<bool> s_noHtml = new("--no-html") { Description = "Make no page" };

    private readonly bool _isNamed;
    private readonly bool _hasSources;
    private readonly bool _opens;
    private byte[]? _data;

    private RunPage(string path, bool isNamed, bool hasSources, bool opens) =>
        (Path, _isNamed, _hasSources, _opens) = (path, isNamed, hasSources, opens);

    /// <summary>Where it goes.</summary>
    public string Path { get; }

    /// <summary>The options that are about it.</summary>
    public static IEnumerable<Option> Options => [s_html, s_noHtml, PageOptions.Open, PageOptions.Source];

    /// <summary>What the options ask for; null for no page.</summary>
    /// <param name="options">The options.</param>
    /// <param name="recording">The recording's path.</param>
    /// <exception cref="UserErrorException">It cannot go where it is to go.</exception>
    public static RunPage? Read(ParseResult options, string recording)
    {
        string? named = options.GetValue(s_html);
        return named == "-" ? throw new UserErrorException("--html -: standard output is the program's own; name a file", OptionGrammar.UsageError)
            : options.GetValue(s_noHtml) ? null
            : new(named ?? PageFile.Beside(recording), named is not null, options.GetValue(PageOptions.Source), options.GetValue(PageOptions.Open));
    }

    /// <summary>Makes it of a recording (see <see cref="ProfilePage.DataOf"/>).</summary>
    public void Make(RecordingFile recording, CodePlaces places) =>
        _data = ProfilePage.DataOf(recording, places, _hasSources ? new SourceFinder(folder: null, root: "") : null);

    /// <summary>Writes it.</summary>
    /// <returns>Null, or why it was not written.</returns>
    public string? TryWrite()
    {
        try
        {
            if (!_isNamed && PageFile.IsTaken(Path))
            {
                return $"{Path} is there, and no page of viperf's: it was left as it is (--html FILE puts the page elsewhere)";
            }

            PageFile.Write(Path, _data ?? throw new InvalidOperationException("no profile was read"), "run");
            return null;
        }
        catch (UserErrorException e)
        {
            return $"{e.Message}: no page (--html FILE puts it elsewhere)";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"cannot read {Path}: {Errno.Text(e)}: no page (--html FILE puts it elsewhere)";
        }
    }

    /// <summary>Says where it is, and opens it if that was asked for.</summary>
    public void Show(RunAnswer answer)
    {
        string whole = System.IO.Path.GetFullPath(Path);
        answer.WritePage(Path, TerminalLink.OfFile(whole));
        if (_opens && Browser.Open(whole) is { } problem)
        {
            Messages.Say("run", problem);
        }
    }
}
