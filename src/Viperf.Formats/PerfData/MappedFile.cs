namespace Viperf.Formats.PerfData;

/// <summary>What was mapped, where; the fields of MMAP and MMAP2 records.</summary>
public readonly ref struct MappedFile
{
    /// <summary>Process; -1 for the kernel's own mappings.</summary>
    public int Pid { get; init; }

    /// <summary>Thread that mapped; 0 for the kernel's own mappings.</summary>
    public int Tid { get; init; }

    /// <summary>First address.</summary>
    public ulong Start { get; init; }

    /// <summary>Bytes mapped.</summary>
    public ulong Length { get; init; }

    /// <summary>Offset in the file, in bytes.</summary>
    public ulong FileOffset { get; init; }

    /// <summary>PROT_READ, PROT_WRITE, PROT_EXEC of <c>sys/mman.h</c>; MMAP2 only.</summary>
    public uint Protection { get; init; }

    /// <summary>MAP_SHARED or MAP_PRIVATE of <c>sys/mman.h</c>; MMAP2 only.</summary>
    public uint Flags { get; init; }

    /// <summary>Major number of the file's device; MMAP2 without a build-id only.</summary>
    public uint DeviceMajor { get; init; }

    /// <summary>Minor number of the file's device.</summary>
    public uint DeviceMinor { get; init; }

    /// <summary>The file's inode.</summary>
    public ulong Inode { get; init; }

    /// <summary>The inode's generation; /proc does not tell it, so 0 there.</summary>
    public ulong InodeGeneration { get; init; }

    /// <summary>The build-id, at most 20 bytes; takes the place of device and inode. Empty: none.</summary>
    public ReadOnlySpan<byte> BuildId { get; init; }

    /// <summary>Path without a zero at its end; <c>//anon</c>, <c>[vdso]</c> and the like where there is no file.</summary>
    public ReadOnlySpan<byte> FileName { get; init; }
}
