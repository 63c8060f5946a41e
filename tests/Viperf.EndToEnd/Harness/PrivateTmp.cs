using Xunit;

namespace Viperf.EndToEnd.Harness;

/// <summary>
/// A /tmp of a program's own, in a mount namespace that is gone with the program: for programs that do not keep to their
/// own files there.
/// </summary>
internal sealed class PrivateTmp : IDisposable
{
    private const string Unshare = "/usr/bin/unshare";

    /// <summary>Whoever is not root may mount in a user namespace alone.</summary>
    private static readonly string[] s_namespaces =
        Environment.IsPrivilegedProcess ? ["--mount"] : ["--mount", "--map-current-user", "--keep-caps"];

    private PrivateTmp()
    {
    }

    /// <summary>What the program sees as /tmp, which is also where it runs and the first place of its PATH.</summary>
    public TempDirectory Directory { get; } = new();

    /// <summary>Makes one; skips the test where there can be none.</summary>
    public static PrivateTmp Create()
    {
        Assert.SkipUnless(File.Exists(Unshare), "unshare is not installed (package util-linux)");
        var made = new PrivateTmp();
        var trial = made.Run("true");
        if (trial.ExitCode != 0)
        {
            made.Dispose();
            Assert.Skip($"no mount namespace is to be had: {trial.Error.Trim()}");
        }

        return made;
    }

    /// <summary>
    /// What the shell does first. A checkout that lies below /tmp is mounted again where it was: only through a descriptor can
    /// it be reached once the other /tmp lies above it.
    /// </summary>
    private static readonly string s_setUp = Repository.Root.StartsWith("/tmp/", StringComparison.Ordinal)
        ? $"""
           exec 9<'{Repository.Root}' && mount --bind "$0" /tmp && mkdir -p '{Repository.Root}' &&
           mount --no-canonicalize --bind /proc/self/fd/9 '{Repository.Root}' && exec 9<&- && cd /tmp && exec "$@"
           """
        : """mount --bind "$0" /tmp && cd /tmp && exec "$@" """;

    /// <summary>Runs a program that lies in the checkout or outside of /tmp.</summary>
    public ToolResult Run(string program, params IEnumerable<string> args) => new Tool
    {
        File = Unshare,
        Environment = new Dictionary<string, string?>
        {
            ["PATH"] = $"/tmp:{Environment.GetEnvironmentVariable("PATH")}",
            ["TMPDIR"] = null,
        },
    }.Run([.. s_namespaces, "/bin/sh", "-c", s_setUp, Directory.Path, program, .. args]);

    /// <summary>Removes what the programs left there.</summary>
    public void Dispose() => Directory.Dispose();
}
