using Viperf.Cli.Text;
using Xunit;

namespace Viperf.Tests.Text;

public class TerminalLinkTests
{
    [Theory]
    [InlineData("TERM=xterm-kitty", true)]
    [InlineData("TERM=foot", true)]
    [InlineData("TERM=foot-extra", true)]
    [InlineData("TERM=alacritty", true)]
    [InlineData("TERM=xterm-256color VTE_VERSION=7006", true)]
    [InlineData("TERM=xterm-256color VTE_VERSION=4900", false)]
    [InlineData("TERM=xterm-256color TERM_PROGRAM=vscode", true)]
    [InlineData("TERM=xterm-256color TERM_PROGRAM=Apple_Terminal", false)]
    [InlineData("TERM=xterm-256color WT_SESSION=1", true)]
    [InlineData("TERM=xterm-256color KONSOLE_VERSION=230804", true)]
    [InlineData("TERM=xterm-256color", false)]
    [InlineData("TERM=screen.xterm-256color VTE_VERSION=7006", false)]
    [InlineData("TERM=tmux-256color WT_SESSION=1", false)]
    [InlineData("TERM=dumb VTE_VERSION=7006", false)]
    [InlineData("", false)]
    public void Only_terminals_that_are_known_to_have_links_get_them(string environment, bool isKnown)
    {
        var variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static one => one.Split('=')).ToDictionary(static one => one[0], static one => one[1]);
        Assert.Equal(isKnown, TerminalLink.IsKnown(variables.GetValueOrDefault));
    }

    [Fact]
    public void A_file_is_addressed_with_its_machine_and_without_what_could_end_the_link()
    {
        string address = TerminalLink.OfFile("/a b/\e\\ü#?%.html").AbsoluteUri;
        Assert.Equal($"file://{Environment.MachineName.ToLowerInvariant()}/a%20b/%1B%5C%C3%BC%23%3F%25.html", address);
    }

    [Fact]
    public void Where_no_terminal_reads_there_is_only_the_text() =>
        Assert.Equal("text", TerminalLink.Of("text", new Uri("http://127.0.0.1/"), isTerminal: false));
}
