using Xunit;

namespace Viperf.EndToEnd.Symbols;

/// <summary>Names from a server of debuginfod, and what is kept of its answers.</summary>
public sealed class DebuginfodTests : IDisposable
{
    private readonly HotProgram _program = new();
    private readonly string _buildId;
    private readonly byte[] _debug;

    public DebuginfodTests()
    {
        _buildId = _program.BuildId;
        string debug = _program.FileBeside("away/hot.debug");
        _program.Strip(debug);
        _program.Record();
        _debug = File.ReadAllBytes(debug);
        File.Delete(debug);
    }

    public void Dispose() => _program.Dispose();

    [Fact]
    public void A_servers_file_names_functions_and_is_asked_for_once()
    {
        using (var server = new DebuginfodServer(path => path == $"/buildid/{_buildId}/debuginfo" ? (_debug, _debug.Length) : null))
        {
            Assert.False(_program.IsNamed([]));
            Assert.Empty(server.Requests);

            Assert.True(_program.IsNamed([], ("DEBUGINFOD_URLS", server.Url)));
            Assert.Single(server.Requests, path => path.Contains(_buildId, StringComparison.Ordinal));
        }

        string kept = Path.Combine(_program.Home, ".cache", "debuginfod_client", _buildId, "debuginfo");
        Assert.Equal(_debug, File.ReadAllBytes(kept));
        Assert.True(_program.IsNamed([], ("DEBUGINFOD_URLS", "http://127.0.0.1:1")));
        Assert.False(_program.IsNamed([], ("DEBUGINFOD_URLS", "")));
    }

    [Fact]
    public void A_recorded_program_that_is_gone_is_got_whole()
    {
        byte[] program = File.ReadAllBytes(_program.Path);
        File.Delete(_program.Path);
        using var server = new DebuginfodServer(path =>
            path == $"/buildid/{_buildId}/debuginfo" ? (_debug, _debug.Length)
            : path == $"/buildid/{_buildId}/executable" ? (program, program.Length) : null);

        Assert.False(_program.IsNamed([]));
        Assert.True(_program.IsNamed([], ("DEBUGINFOD_URLS", server.Url), ("DEBUGINFOD_CACHE_PATH", _program.FileBeside("cache"))));
        Assert.Equal(program, File.ReadAllBytes(_program.FileBeside($"cache/{_buildId}/executable")));
    }

    [Fact]
    public void What_no_server_has_is_not_asked_for_again_for_a_while()
    {
        using var server = new DebuginfodServer(_ => null);
        Assert.False(_program.IsNamed([], ("DEBUGINFOD_URLS", server.Url)));
        int asked = server.Requests.Count;
        Assert.NotEqual(0, asked);
        Assert.Equal(0, new FileInfo(Path.Combine(_program.Home, ".cache", "debuginfod_client", _buildId, "debuginfo")).Length);

        Assert.False(_program.IsNamed([], ("DEBUGINFOD_URLS", server.Url)));
        Assert.Equal(asked, server.Requests.Count);
        File.WriteAllText(Path.Combine(_program.Home, ".cache", "debuginfod_client", "cache_miss_s"), "0");
        Assert.False(_program.IsNamed([], ("DEBUGINFOD_URLS", server.Url)));
        Assert.NotEqual(asked, server.Requests.Count);
    }

    [Theory]
    [InlineData("another")]
    [InlineData("short")]
    [InlineData("nonsense")]
    public void An_answer_that_is_not_the_file_is_not_used_and_not_kept(string kind)
    {
        using var other = new HotProgram("-O2");
        byte[] wrong = File.ReadAllBytes(other.Path);
        using var server = new DebuginfodServer(_ => kind switch
        {
            "another" => (wrong, wrong.Length),
            "short" => (_debug[..(_debug.Length / 2)], _debug.Length),
            _ => ("<html>"u8.ToArray(), 6),
        });

        var report = _program.Report([], ("DEBUGINFOD_URLS", server.Url));
        Assert.DoesNotContain(HotProgram.Function, report.Output, StringComparison.Ordinal);
        Assert.Contains("debuginfod", report.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_program.Home, ".cache", "debuginfod_client"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_server_that_does_not_answer_is_said_in_one_line()
    {
        var report = _program.Report([], ("DEBUGINFOD_URLS", "http://127.0.0.1:1"));
        Assert.Single(report.ErrorLines, line => line.Contains("debuginfod http://127.0.0.1:1", StringComparison.Ordinal));
    }
}
