using Viperf.Core.Linux;
using Viperf.Formats.Bytes;

namespace Viperf.Core.Symbols;

/// <summary>
/// The bytes of a jitdump. There may be as many of them as processes, more than files may be open: so it can be closed at any
/// time, and is opened again, by the same rule (<see cref="ProcessFile"/>), when it is read.
/// </summary>
/// <param name="path">Where it lies.</param>
/// <param name="pid">The process that is said to have written it.</param>
/// <param name="recordingOwner">The user that owns the recording; null where nobody says.</param>
/// <param name="opened">Is told when it was opened.</param>
internal sealed class JitDumpFile(string path, int pid, uint? recordingOwner, Action<JitDumpFile> opened) : ByteSource
{
    private FileSource? _file;

    /// <inheritdoc/>
    public override string Name => path;

    /// <inheritdoc/>
    public override ulong Length => Opened().Length;

    /// <inheritdoc/>
    public override int ReadAt(ulong offset, Span<byte> destination) => Opened().ReadAt(offset, destination);

    /// <summary>Closes it until it is read again.</summary>
    public void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    private FileSource Opened()
    {
        if (_file is null)
        {
            _file = ProcessFile.Open(path, pid, recordingOwner);
            opened(this);
        }

        return _file;
    }
}
