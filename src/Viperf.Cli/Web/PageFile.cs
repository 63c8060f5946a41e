using Viperf.Cli.Text;
using Viperf.Core;
using Viperf.Core.Linux;

namespace Viperf.Cli.Web;

/// <summary>Pages as files.</summary>
internal static class PageFile
{
    /// <summary>The page of <c>perf.data</c>; those of other recordings are called as they are.</summary>
    private const string UsualName = "profile.html";

    /// <summary>The page beside a recording.</summary>
    public static string Beside(string recording) => Path.GetFileName(recording) == "perf.data"
        ? Path.Combine(Path.GetDirectoryName(recording) ?? "", UsualName)
        : Path.ChangeExtension(recording, ".html");

    /// <summary>True if something lies there that is no page of viperf's, and so is not to be lost unasked.</summary>
    public static bool IsTaken(string path)
    {
        const int most = 4 * 1024 * 1024; // the profile's element comes before its data
        if (NoFollowFile.StatusOf(path) is not { } there)
        {
            return false;
        }

        if (!there.IsRegular)
        {
            return true;
        }

        using var file = File.OpenRead(path);
        byte[] start = new byte[Math.Min(file.Length, most)];
        file.ReadExactly(start);
        return start.AsSpan().IndexOf("id=\"profile\""u8) < 0;
    }

    /// <summary>Writes a page; whoever opens the file meanwhile sees the old one or the new one, never a part.</summary>
    /// <param name="path">Where to; <c>-</c> for standard output.</param>
    /// <param name="data">The profile's data.</param>
    /// <param name="verb">The command that is shown to be at it.</param>
    /// <exception cref="UserErrorException">It cannot be written.</exception>
    public static void Write(string path, byte[] data, string verb)
    {
        var page = ProfilePage.Empty();
        double share = 0;
        using var shown = new Progress(verb, () => ($"writing {path}", share));
        Action<double> progress = part => share = part;
        if (path == "-")
        {
            using var output = new BufferedStream(new StandardOutputStream(), 1 << 16);
            page.Write(data, output, progress);
            return;
        }

        // as of the recording, whose names it has
        WholeFile.Write(path, file => page.Write(data, file, progress), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
