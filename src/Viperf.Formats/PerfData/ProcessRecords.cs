using System.Buffers.Binary;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>PERF_RECORD_MMAP and PERF_RECORD_MMAP2: a file, or anonymous memory, was mapped into a process.</summary>
public readonly ref struct MmapView
{
    /// <summary>Reads <paramref name="record"/>, of either type.</summary>
    /// <exception cref="ParseException">The record is cut short.</exception>
    public MmapView(RecordView record)
    {
        var body = record.Body();
        Pid = body.ReadInt32();
        Tid = body.ReadInt32();
        Start = body.ReadUInt64();
        Length = body.ReadUInt64();
        FileOffset = body.ReadUInt64();
        Executable = (record.Misc & RecordMisc.PERF_RECORD_MISC_MMAP_DATA) == 0;
        if (record.Type == RecordType.PERF_RECORD_MMAP2)
        {
            var field = body.ReadBytes(24);
            if (HasBuildId(record, field))
            {
                BuildId = field.Slice(4, field[0]);
            }
            else
            {
                DeviceMajor = BinaryPrimitives.ReadUInt32LittleEndian(field);
                DeviceMinor = BinaryPrimitives.ReadUInt32LittleEndian(field[4..]);
                Inode = BinaryPrimitives.ReadUInt64LittleEndian(field[8..]);
                InodeGeneration = BinaryPrimitives.ReadUInt64LittleEndian(field[16..]);
            }

            Protection = body.ReadUInt32();
            body.Skip(sizeof(uint)); // flags: MAP_SHARED and the like
            Executable = (Protection & ProtExec) != 0;
        }

        FileName = body.ReadCString();
    }

    /// <summary>
    /// True if the field holds a build-id: its size, three zeros, then 20 bytes. The kernel's flag alone does not tell:
    /// Linux (6.18 at least) leaves it set for the next recorder of the same mapping, which asked for none and gets
    /// device and inode. So the size must be one that linkers make: 20 (SHA-1) or 16 (MD5, UUID).
    /// </summary>
    private static bool HasBuildId(RecordView record, ReadOnlySpan<byte> field) =>
        (record.Misc & RecordMisc.PERF_RECORD_MISC_MMAP_BUILD_ID) != 0
        && field[..4] is [16 or 20, 0, 0, 0];

    /// <summary>PROT_EXEC of <c>sys/mman.h</c>.</summary>
    public const uint ProtExec = 4;

    /// <summary>Process; -1 for the kernel's own mappings.</summary>
    public int Pid { get; }

    /// <summary>The thread that mapped.</summary>
    public int Tid { get; }

    /// <summary>First address.</summary>
    public ulong Start { get; }

    /// <summary>Bytes mapped.</summary>
    public ulong Length { get; }

    /// <summary><c>pgoff</c>: offset in the file, in bytes.</summary>
    public ulong FileOffset { get; }

    /// <summary>True if code can run there.</summary>
    public bool Executable { get; }

    /// <summary>MMAP2's <c>prot</c>; 0 for MMAP.</summary>
    public uint Protection { get; }

    /// <summary>The build-id where the record has one, else empty.</summary>
    public ReadOnlySpan<byte> BuildId { get; }

    /// <summary>Major number of the file's device; 0 where the record has none.</summary>
    public uint DeviceMajor { get; }

    /// <summary>Minor number of the file's device.</summary>
    public uint DeviceMinor { get; }

    /// <summary>The file's inode; 0 where the record has none.</summary>
    public ulong Inode { get; }

    /// <summary>The inode's generation.</summary>
    public ulong InodeGeneration { get; }

    /// <summary>Path as the process saw it, or "//anon", "[vdso]", "[heap]" and the like; UTF-8 by convention only.</summary>
    public ReadOnlySpan<byte> FileName { get; }
}

/// <summary>PERF_RECORD_COMM: a thread was named, by exec or by itself.</summary>
public readonly ref struct CommView
{
    /// <summary>Reads <paramref name="record"/>.</summary>
    /// <exception cref="ParseException">The record is cut short.</exception>
    public CommView(RecordView record)
    {
        var body = record.Body();
        Pid = body.ReadInt32();
        Tid = body.ReadInt32();
        Name = body.ReadCString();
        IsExec = (record.Misc & RecordMisc.PERF_RECORD_MISC_COMM_EXEC) != 0;
    }

    /// <summary>Process.</summary>
    public int Pid { get; }

    /// <summary>Thread.</summary>
    public int Tid { get; }

    /// <summary>The new name, at most 15 bytes from the kernel.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>True if exec named it: the process's old mappings are gone.</summary>
    public bool IsExec { get; }
}

/// <summary>PERF_RECORD_FORK and PERF_RECORD_EXIT: a thread or process began or ended.</summary>
public readonly ref struct TaskView
{
    /// <summary>Reads <paramref name="record"/>, of either type.</summary>
    /// <exception cref="ParseException">The record is cut short.</exception>
    public TaskView(RecordView record)
    {
        var body = record.Body();
        Pid = body.ReadInt32();
        ParentPid = body.ReadInt32();
        Tid = body.ReadInt32();
        ParentTid = body.ReadInt32();
        Time = body.ReadUInt64();
    }

    /// <summary>Process; equal to <see cref="ParentPid"/> where only a thread began.</summary>
    public int Pid { get; }

    /// <summary>The parent's process.</summary>
    public int ParentPid { get; }

    /// <summary>Thread.</summary>
    public int Tid { get; }

    /// <summary>The thread that forked.</summary>
    public int ParentTid { get; }

    /// <summary>Nanoseconds of the event's clock.</summary>
    public ulong Time { get; }
}

/// <summary>PERF_RECORD_LOST and PERF_RECORD_LOST_SAMPLES: how many records the kernel could not write.</summary>
public readonly ref struct LostView
{
    /// <summary>Reads <paramref name="record"/>, of either type.</summary>
    /// <exception cref="ParseException">The record is cut short.</exception>
    public LostView(RecordView record)
    {
        var body = record.Body();
        if (record.Type == RecordType.PERF_RECORD_LOST)
        {
            body.Skip(sizeof(ulong)); // the event's id
        }

        Count = body.ReadUInt64();
    }

    /// <summary>Records (LOST) or samples (LOST_SAMPLES) that were dropped.</summary>
    public ulong Count { get; }
}
