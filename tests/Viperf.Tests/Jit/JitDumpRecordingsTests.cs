using Viperf.Formats.Jit;
using Xunit;

namespace Viperf.Tests.Jit;

/// <summary>The files that runtimes wrote: see the READMEs of the fixtures.</summary>
public class JitDumpRecordingsTests
{
    /// <summary>Bytes of <c>.eh_frame</c> and <c>.eh_frame_hdr</c> that CPython writes, and of both in memory.</summary>
    private const uint HeaderSize = 20;
    private const ulong MappedSize = 80;

    [Theory]
    [InlineData("3.13.0", 0u, 11u, 48u)]
    [InlineData("3.14.10", 62u, 12u, 56u)]
    [InlineData("3.15.2", 62u, 12u, 56u)]
    public void CPythons_functions_are_all_there_once_although_a_fork_wrote_them_twice(
        string version, uint machine, uint codeSize, uint ehFrameSize)
    {
        var index = Open("jitdump-cpython", version + ".dump");
        List<string> functions = [];
        foreach (ref readonly var block in index.Blocks)
        {
            string name = JitDumpSample.Name(index, block);
            if (name.EndsWith(":/tmp/program.py", StringComparison.Ordinal) && !name.Contains("<module>", StringComparison.Ordinal))
            {
                functions.Add(name.Split(':')[2]);
            }

            Assert.Equal(codeSize, block.Size);
            Assert.Equal(index.Header.ProcessId, block.ThreadId);
            Assert.NotEqual(0u, block.CodeOffset);
            var unwinding = index.UnwindingOf(block);
            Assert.Equal((ehFrameSize, HeaderSize, MappedSize),
                (unwinding?.EhFrameSize, unwinding?.EhFrameHeaderSize, unwinding?.MappedSize));
        }

        Assert.Equal(["Shape", "Shape.area", "outer", "inner", "after_fork"], functions);
        Assert.Equal(Enumerable.Range(1, index.Blocks.Length).Select(i => (ulong)i), Indexes(index));
        Assert.Equal(machine, index.Header.ElfMachine);
        Assert.Equal(JitDumpFlags.None, index.Header.Flags);
        Assert.Equal(1u, index.Counts.Gaps);
        Assert.True(index.Counts.Duplicates >= 4);
        Assert.Equal(0u, index.Counts.BadRecords + index.Counts.CutRecords + index.Counts.OtherProcesses + index.UnreadBytes);
    }

    [Theory]
    [InlineData("3.13.0", 112u)]
    [InlineData("3.14.10", 120u)]
    [InlineData("3.15.2", 120u)]
    public void CPythons_code_follows_its_unwind_information(string version, uint unwindingRecord)
    {
        byte[] file = File.ReadAllBytes(Fixtures.PathOf("jitdump-cpython", version + ".dump"));
        var index = JitDumpSample.Open(file);
        var block = index.Blocks[0];
        var unwinding = Assert.NotNull(index.UnwindingOf(block));

        Assert.Equal(unwindingRecord, BitConverter.ToUInt32(file, (int)unwinding.Offset - 40 + 4));
        int name = (int)(unwinding.Offset - 40 + unwindingRecord + 56);
        Assert.True(file.AsSpan(name).StartsWith(index.NameOf(block)));
        Assert.Equal((ulong)(name + index.NameOf(block).Length + 1), block.CodeOffset);
        ReadOnlySpan<byte> start = version == "3.13.0" ? [0x48, 0x83, 0xec, 0x08] : [0xf3, 0x0f, 0x1e, 0xfa];
        Assert.True(file.AsSpan((int)block.CodeOffset).StartsWith(start));
        Assert.Equal(1, file[(int)(unwinding.Offset + unwinding.EhFrameSize)]); // the version of .eh_frame_hdr
    }

    [Fact]
    public void Nodes_lines_are_read_although_their_file_names_are_none()
    {
        var index = Open("jitdump-node", "program.dump");
        var blocks = index.Blocks;
        var outer = blocks[^2];
        Assert.Equal("JS:*outer /tmp/program.js:2:15", JitDumpSample.Name(index, outer));
        Assert.Equal("JS:*inner /tmp/program.js:1:15", JitDumpSample.Name(index, blocks[^1]));
        Assert.StartsWith("BytecodeHandler:", JitDumpSample.Name(index, blocks[0]), StringComparison.Ordinal);

        var lines = index.ReadLines(outer);
        Assert.Equal(12, lines.Length);
        Assert.Equal(new JitLine(64, "", 2, 15), lines[0]);
        Assert.Equal([2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2], lines.Select(line => line.Line));
        Assert.All(lines, line => Assert.Equal("", line.FileName));
        Assert.Equal(4, index.ReadLines(blocks[^1]).Length);
        Assert.Empty(index.ReadLines(blocks[0]));

        Assert.Equal((68u, 20u), (index.UnwindingOf(outer)?.EhFrameSize, index.UnwindingOf(outer)?.EhFrameHeaderSize));
        Assert.Equal(0u, index.UnwindingOf(blocks[0])?.EhFrameSize);
        Assert.Equal(0u, index.Counts.Gaps + index.Counts.Unclaimed + index.UnreadBytes);
    }

    [Fact]
    public void DotNets_last_code_is_known_although_its_bytes_are_cut_short()
    {
        var index = Open("jitdump-dotnet", "version.dump");
        Assert.Equal(2, index.Blocks.Length);
        Assert.Equal("stub InitThreadManagerPerfMapData<JIT_CopiedWriteBarriers>", JitDumpSample.Name(index, index.Blocks[0]));
        var last = index.Blocks[1];
        Assert.Equal(("stub ReportStubBlock<Unknown>", 65536u, 0ul), (JitDumpSample.Name(index, last), last.Size, last.CodeOffset));
        Assert.Equal(4096u - 427, index.UnreadBytes);
    }

    private static JitDumpIndex Open(string fixture, string file) => JitDumpSample.Open(File.ReadAllBytes(Fixtures.PathOf(fixture, file)));

    private static List<ulong> Indexes(JitDumpIndex index)
    {
        List<ulong> indexes = [];
        foreach (ref readonly var block in index.Blocks)
        {
            indexes.Add(block.Index);
        }

        return indexes;
    }
}
