using System.Buffers.Text;
using System.Globalization;

namespace Viperf.Core.Linux;

/// <summary>One line of /proc/PID/maps (<c>proc_pid_maps(5)</c>).</summary>
/// <param name="Start">First address.</param>
/// <param name="End">The address behind the last one.</param>
/// <param name="Protection">PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4.</param>
/// <param name="Shared">True if writes are seen by others.</param>
/// <param name="FileOffset">Offset in the file, in bytes.</param>
/// <param name="DeviceMajor">Major number of the file's device.</param>
/// <param name="DeviceMinor">Minor number of the file's device.</param>
/// <param name="Inode">The file's inode; 0 where there is no file.</param>
/// <param name="Path">Path as the process sees it, "[stack]" and the like, or empty for anonymous memory.</param>
public sealed record ProcessMapping(
    ulong Start, ulong End, uint Protection, bool Shared, ulong FileOffset, uint DeviceMajor, uint DeviceMinor,
    ulong Inode, byte[] Path)
{
    /// <summary>PROT_EXEC of <c>sys/mman.h</c>.</summary>
    public const uint ProtExec = 4;

    /// <summary>Reads one line, without its line feed.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out ProcessMapping mapping)
    {
        mapping = null!;
        var rest = line;
        if (!TryHex(ref rest, '-', out ulong start)
            || !TryHex(ref rest, ' ', out ulong end)
            || rest.Length < 5)
        {
            return false;
        }

        uint protection = (rest[0] == 'r' ? 1u : 0) | (rest[1] == 'w' ? 2u : 0) | (rest[2] == 'x' ? ProtExec : 0);
        bool shared = rest[3] == 's';
        rest = rest[5..];
        if (!TryHex(ref rest, ' ', out ulong offset)
            || !TryHex(ref rest, ':', out ulong major)
            || !TryHex(ref rest, ' ', out ulong minor)
            || !Utf8Parser.TryParse(rest, out ulong inode, out int digits))
        {
            return false;
        }

        byte[] path = rest[digits..].TrimStart((byte)' ').ToArray();
        mapping = new ProcessMapping(start, end, protection, shared, offset, (uint)major, (uint)minor, inode, path);
        return true;
    }

    private static bool TryHex(ref ReadOnlySpan<byte> text, char end, out ulong value)
    {
        bool read = ulong.TryParse(
            text[..Math.Max(text.IndexOf((byte)end), 0)], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
            out value);
        text = read ? text[(text.IndexOf((byte)end) + 1)..] : text;
        return read;
    }
}
