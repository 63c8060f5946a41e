using System.Text;
using Viperf.Core.Linux;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;

namespace Viperf.Core.Recording;

/// <summary>
/// Build-ids of files that were mapped before the recording: for later mappings the kernel tells them itself. Each
/// file is read once, however many processes map it.
/// </summary>
internal sealed class MappedBuildIds
{
    /// <summary>What a record of a mapping has room for.</summary>
    private const int MostBytes = 20;

    private readonly Dictionary<(uint Major, uint Minor, ulong Inode), byte[]> _known = [];

    /// <summary>The build-id of a mapping's file; empty where there is no file, or it has none, or it cannot be read.</summary>
    public ReadOnlySpan<byte> Of(int pid, ProcessMapping mapping)
    {
        // A file that was deleted may have a successor under its name.
        if (mapping.Inode == 0 || mapping.Path.AsSpan().EndsWith(" (deleted)"u8))
        {
            return default;
        }

        var file = (mapping.DeviceMajor, mapping.DeviceMinor, mapping.Inode);
        if (!_known.TryGetValue(file, out byte[]? buildId))
        {
            _known.Add(file, buildId = Read($"/proc/{pid}/root{Encoding.UTF8.GetString(mapping.Path)}"));
        }

        return buildId;
    }

    private static byte[] Read(string path)
    {
        try
        {
            using var source = new FileSource(path);
            byte[] buildId = Convert.FromHexString(ElfNotes.BuildIdOf(ElfFile.Open(source)));
            return buildId.Length <= MostBytes ? buildId : [];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ParseException)
        {
            return []; // not ELF, or not ours to read: samples in it are named by path alone
        }
    }
}
