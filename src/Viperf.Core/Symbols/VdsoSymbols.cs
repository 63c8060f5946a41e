using System.Globalization;
using Viperf.Core.Profiles;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;

namespace Viperf.Core.Symbols;

/// <summary>
/// Functions of the code page that the kernel maps into every process, by offset in it. It lies in no file: our own
/// process's copy is read.
/// </summary>
internal static class VdsoSymbols
{
    /// <summary>Bytes that a vdso may have; today's have two or three pages.</summary>
    private const ulong MaximumBytes = 1 << 20;

    /// <summary>Reads the symbols, or says why there are none.</summary>
    public static SymbolTable Load(Module module, Action<string> warn)
    {
        try
        {
            var image = ReadOwnImage();
            if (image.IsEmpty)
            {
                warn($"{module.Path}: this process has none to read names from");
                return SymbolTable.Empty(UnnamedReason.Unreadable);
            }

            var elf = ElfFile.Open(new MemorySource(image, module.Path));
            string buildId = ElfNotes.BuildIdOf(elf);
            if (module.BuildId.Length != 0 && module.BuildId != buildId)
            {
                warn($"{module.Path}: the running kernel's has build-id {buildId}, {module.BuildId} was recorded");
                return SymbolTable.Empty(UnnamedReason.Unreadable);
            }

            return ElfSymbols.Read(elf);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ParseException)
        {
            warn($"{module.Path}: {e.Message}");
            return SymbolTable.Empty(UnnamedReason.Unreadable);
        }
    }

    /// <summary>The whole mapping that /proc/self/maps calls [vdso]; empty if there is none.</summary>
    internal static unsafe ReadOnlyMemory<byte> ReadOwnImage()
    {
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            if (!line.EndsWith("[vdso]", StringComparison.Ordinal))
            {
                continue;
            }

            int dash = line.IndexOf('-');
            ulong start = ulong.Parse(line.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            ulong end = ulong.Parse(
                line.AsSpan(dash + 1, line.IndexOf(' ') - dash - 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

            // The kernel's word for our own memory, which lies there as long as the process lives.
            return end - start <= MaximumBytes ? new ReadOnlySpan<byte>((void*)start, (int)(end - start)).ToArray() : default;
        }

        return default;
    }
}
