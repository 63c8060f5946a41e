using System.Buffers.Binary;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.Jit;

/// <summary>The start of a jitdump file (perf's jitdump-specification.txt).</summary>
/// <param name="ElfMachine">ELF's number of the code's instruction set (<c>EM_X86_64</c> ...); CPython 3.13.0 writes 0.</param>
/// <param name="ProcessId">The process that runs the code, as it sees itself: inside its PID namespace.</param>
/// <param name="TimeStamp">When the file was begun, by a clock of the writer's choice: CPython's is wall-clock
/// microseconds.</param>
/// <param name="Flags">What is true of the whole file.</param>
public readonly record struct JitDumpHeader(
    uint ElfMachine, uint ProcessId, ulong TimeStamp, JitDumpFlags Flags = JitDumpFlags.None)
{
    /// <summary>Bytes of the header in version 1; a longer one is skipped to its end.</summary>
    public const int ByteCount = 40;

    /// <summary>"JiTD", read as a number of the writer's byte order.</summary>
    internal const uint Magic = 0x4a695444;

    private const uint Version = 1;

    /// <summary>Reads the header; <paramref name="length"/> is where the records begin.</summary>
    /// <exception cref="ParseException">The bytes are no jitdump's, or one that is not read.</exception>
    internal static JitDumpHeader Read(ByteSource source, out ulong length)
    {
        Span<byte> bytes = stackalloc byte[ByteCount];
        int got = source.ReadAt(0, bytes);
        var reader = new ByteReader(bytes[..got], source.Name);
        uint magic = got < sizeof(uint) ? 0 : reader.ReadUInt32();
        if (magic == BinaryPrimitives.ReverseEndianness(Magic))
        {
            ParseException.Throw("big-endian jitdump; only little-endian ones are read", source.Name, 0);
        }

        if (magic != Magic)
        {
            ParseException.Throw(got == 0 ? "empty file" : "not a jitdump file", source.Name, 0);
        }

        uint version = reader.ReadUInt32();
        if (version != Version)
        {
            ParseException.Throw($"jitdump of version {version}; only version {Version} is read", source.Name, sizeof(uint));
        }

        length = reader.ReadUInt32();
        if (length is < ByteCount or > Limits.NameBytes)
        {
            ParseException.Throw($"header of {length} bytes, {ByteCount} wanted", source.Name, 2 * sizeof(uint));
        }

        uint machine = reader.ReadUInt32();
        reader.Skip(sizeof(uint)); // reserved: CPython and V8 leave anything in it
        return new JitDumpHeader(machine, reader.ReadUInt32(), reader.ReadUInt64(), (JitDumpFlags)reader.ReadUInt64());
    }

    internal void Write(ByteWriter writer)
    {
        writer.WriteUInt32(Magic);
        writer.WriteUInt32(Version);
        writer.WriteUInt32(ByteCount);
        writer.WriteUInt32(ElfMachine);
        writer.WriteUInt32(0);
        writer.WriteUInt32(ProcessId);
        writer.WriteUInt64(TimeStamp);
        writer.WriteUInt64((ulong)Flags);
    }
}

/// <summary>What is true of a whole jitdump file.</summary>
[Flags]
public enum JitDumpFlags : ulong
{
    /// <summary>Times are CLOCK_MONOTONIC nanoseconds.</summary>
    None = 0,

    /// <summary>Times are the processor's own counter (JITDUMP_FLAGS_ARCH_TIMESTAMP), not nanoseconds.</summary>
    ArchTimestamp = 1,
}
