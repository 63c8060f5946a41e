using Xunit;

namespace Viperf.EndToEnd.Harness;

/// <summary>Runs viperf as a user without privileges, for what root does not meet.</summary>
internal sealed class OrdinaryUser : IDisposable
{
    /// <summary>The user nobody, who owns nothing on any system.</summary>
    private const string Id = "65534";

    private readonly TempDirectory _directory = new();
    private readonly string _binary;

    private OrdinaryUser()
    {
        const UnixFileMode Everybody = (UnixFileMode)0x1FF; // rwxrwxrwx
        File.SetUnixFileMode(_directory.Path, Everybody);
        // The checkout may lie where only its owner comes in.
        _binary = _directory.File("viperf");
        File.Copy(ViperfBinary.Path, _binary);
        File.SetUnixFileMode(_binary, Everybody);
    }

    /// <summary>A directory that the user may write to; the programs run there.</summary>
    public TempDirectory Directory => _directory;

    /// <summary>Prepares the user; skips the test where the tests cannot become somebody else.</summary>
    public static OrdinaryUser Become()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can become an ordinary user");
        Assert.SkipUnless(File.Exists("/usr/bin/setpriv"), "setpriv is not installed (package util-linux)");
        return new();
    }

    /// <summary>Runs viperf as that user.</summary>
    public ToolResult Run(params IEnumerable<string> args) => Start(_binary, args);

    /// <summary>Runs any program as that user, who has no home.</summary>
    public ToolResult Start(string program, params IEnumerable<string> args) => new Tool
    {
        File = "/usr/bin/setpriv",
        WorkingDirectory = _directory.Path,
        Environment = new Dictionary<string, string?> { ["HOME"] = null },
    }.Run(["--reuid", Id, "--regid", Id, "--clear-groups", "--no-new-privs", program, .. args]);

    /// <summary>Removes the user's directory.</summary>
    public void Dispose() => _directory.Dispose();
}
