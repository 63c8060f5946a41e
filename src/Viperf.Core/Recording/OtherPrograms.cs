using System.Text;
using Viperf.Abi;

namespace Viperf.Core.Recording;

/// <summary>Counts the programs of a recording that are no Python, by the sign that each leaves as the agent is loaded into it.</summary>
internal sealed class OtherPrograms : IDisposable
{
    private readonly string _path;

    /// <summary>Begins to count.</summary>
    /// <param name="socketPath">Where agents of the session ask.</param>
    public OtherPrograms(string socketPath)
    {
        _path = Path.GetDirectoryName(socketPath) + Encoding.ASCII.GetString(CaptureProtocol.OthersFile);
        File.WriteAllBytes(_path, []);
        File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);
    }

    /// <summary>How many there were.</summary>
    public long Count => new FileInfo(_path) is { Exists: true } file ? file.Length : 0;

    /// <inheritdoc/>
    public void Dispose() => File.Delete(_path);
}
