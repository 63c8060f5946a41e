using System.Text;
using Viperf.Formats.Bytes;
using Viperf.Formats.Jit;

namespace Viperf.Tests.Jit;

/// <summary>Makes jitdump files and says what is read in them.</summary>
internal static class JitDumpSample
{
    public const uint ProcessId = 4711;

    public static JitDumpHeader Header => new(62, ProcessId, 1_000_000);

    /// <summary>A file with the records that <paramref name="write"/> writes.</summary>
    public static byte[] File(Action<JitDumpWriter> write)
    {
        using var stream = new MemoryStream();
        write(new JitDumpWriter(stream, Header));
        return stream.ToArray();
    }

    /// <summary>Code of every length from 1 up, half of it with lines and all with unwind information.</summary>
    public static byte[] Functions(int count) => File(writer =>
    {
        for (uint i = 0; i < count; i++)
        {
            ulong time = 7_000_000_000UL + i * 1000;
            if (i % 2 == 0)
            {
                writer.WriteDebugInfo(time, Address(i), [new JitLine(0, $"f{i}.py", 1, 0), new JitLine(1, $"f{i}.py", 2, 0)]);
            }

            writer.WriteUnwindingInfo(time + 1, Bytes(0x80, (int)i + 3), Bytes(0xa0, 20), 80);
            writer.WriteCodeLoad(time + 2, 99, Address(i), i, Encoding.UTF8.GetBytes($"function {i}"), Bytes(0xcc, (int)i + 1));
        }

        writer.WriteClose(8_000_000_000);
    });

    public static ulong Address(uint i) => 0x7f00_0000_0000UL + i * 0x100;

    /// <summary>A record as it comes, for those that the writer does not write.</summary>
    public static byte[] Record(uint id, ulong time, Action<ByteWriter> write)
    {
        var body = new ByteWriter();
        write(body);
        var record = new ByteWriter();
        record.WriteUInt32(id);
        record.WriteUInt32((uint)(16 + body.Length));
        record.WriteUInt64(time);
        record.WriteBytes(body.Written);
        return record.Written.ToArray();
    }

    public static byte[] Move(ulong time, ulong from, ulong to, ulong size, ulong index, uint processId = ProcessId) =>
        Record(1, time, body =>
        {
            body.WriteUInt32(processId);
            body.WriteUInt32(100);
            body.WriteUInt64(to);
            body.WriteUInt64(from);
            body.WriteUInt64(to);
            body.WriteUInt64(size);
            body.WriteUInt64(index);
        });

    public static byte[] Load(
        ulong time, ulong address, ulong index, string name, ulong codeSize, byte[] code, uint processId = ProcessId) =>
        Record(0, time, body =>
        {
            body.WriteUInt32(processId);
            body.WriteUInt32(99);
            body.WriteUInt64(address);
            body.WriteUInt64(address);
            body.WriteUInt64(codeSize);
            body.WriteUInt64(index);
            body.WriteBytes(Encoding.UTF8.GetBytes(name));
            body.WriteBytes(code);
        });

    public static JitDumpIndex Open(params ReadOnlySpan<byte[]> parts)
    {
        byte[] file = [];
        foreach (byte[] part in parts)
        {
            file = [.. file, .. part];
        }

        return JitDumpIndex.Open(new MemorySource(file, "jit-4711.dump"));
    }

    /// <summary>Every block as text: its place, time, name, code's length, unwind information's length and lines.</summary>
    public static List<string> Read(JitDumpIndex index, bool withTables = true)
    {
        List<string> blocks = [];
        foreach (ref readonly var block in index.Blocks)
        {
            string text = $"{block.Index} {block.Start:x}+{block.Size} at {block.From} {Name(index, block)}";
            blocks.Add(withTables
                ? $"{text} code {block.CodeOffset != 0} eh {index.UnwindingOf(block)?.EhFrameSize} lines {string.Join(' ', index.ReadLines(block))}"
                : text);
        }

        blocks.Sort(StringComparer.Ordinal);
        return blocks;
    }

    public static string Name(JitDumpIndex index, in JitCodeBlock block) => Encoding.UTF8.GetString(index.NameOf(block));

    public static byte[] Bytes(byte value, int count)
    {
        byte[] bytes = new byte[count];
        bytes.AsSpan().Fill(value);
        return bytes;
    }
}
