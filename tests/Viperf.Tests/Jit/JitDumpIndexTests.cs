using System.Runtime.CompilerServices;
using Viperf.Formats.Bytes;
using Viperf.Formats.Jit;
using Xunit;
using static Viperf.Tests.Jit.JitDumpSample;

namespace Viperf.Tests.Jit;

public class JitDumpIndexTests
{
    private static byte[] Empty => File(_ => { });

    private static byte[] Code => [0x55, 0x5d, 0xc3, 0x90];

    [Fact]
    public void What_is_written_is_read()
    {
        JitLine[] lines = [new(0, "a.py", 1, 0), new(1, "a.py", 2, 7), new(2, "ü.py", 3, 0), new(3, "", 4, 0), new(3, "", 5, 0)];
        byte[] file = File(writer =>
        {
            writer.WriteDebugInfo(10, 0x1000, lines);
            writer.WriteUnwindingInfo(11, Bytes(1, 56), Bytes(2, 20), 80);
            writer.WriteCodeLoad(12, 99, 0x1000, 1, "py::f"u8, Code);
            writer.WriteCodeLoad(13, 98, 0x2000, 2, "py::g"u8, Code);
            writer.WriteClose(14);
        });
        var index = Open(file);

        Assert.Equal(Header, index.Header);
        Assert.Equal(2, index.Blocks.Length);
        var f = index.Blocks[0];
        Assert.Equal("py::f", Name(index, f));
        Assert.Equal((0x1000ul, 4u, 12ul, ulong.MaxValue, 1ul, 99u), (f.Start, f.Size, f.From, f.Until, f.Index, f.ThreadId));
        Assert.Equal(Code, file.AsSpan((int)f.CodeOffset, (int)f.Size));
        Assert.Equal(lines, index.ReadLines(f));
        var unwinding = Assert.NotNull(index.UnwindingOf(f));
        Assert.Equal([.. Bytes(1, 56), .. Bytes(2, 20)], file.AsSpan((int)unwinding.Offset, 76));
        Assert.Equal((56u, 20u, 80ul), (unwinding.EhFrameSize, unwinding.EhFrameHeaderSize, unwinding.MappedSize));

        var g = index.Blocks[1];
        Assert.Equal("py::g", Name(index, g));
        Assert.Null(index.UnwindingOf(g));
        Assert.Empty(index.ReadLines(g));
        var counts = index.Counts;
        Assert.Equal((2ul, 1ul, 1ul, 1ul), (counts.Loads, counts.DebugInfos, counts.UnwindingInfos, counts.Closes));
        Assert.Equal(0u, counts.Unclaimed + counts.Gaps + index.UnreadBytes);
    }

    [Fact]
    public void A_block_takes_one_cache_line() => Assert.Equal(64, Unsafe.SizeOf<JitCodeBlock>());

    [Fact]
    public void Code_at_an_address_is_what_was_loaded_there_last()
    {
        var index = Open(File(writer =>
        {
            writer.WriteCodeLoad(100, 1, 0x1000, 1, "old"u8, Bytes(0x90, 0x100));
            writer.WriteCodeLoad(200, 1, 0x1080, 2, "new"u8, Bytes(0x90, 0x100));
        }));

        Assert.Equal("old", At(index, 0x1080, 199));
        Assert.Equal("new", At(index, 0x1080, 200));
        Assert.Equal("old", At(index, 0x107f, 500));
        Assert.Equal("new", At(index, 0x117f, 500));
        Assert.Null(At(index, 0x117f, 199));
        Assert.Null(At(index, 0x1000, 99));
        Assert.Null(At(index, 0xfff, 500));
        Assert.Null(At(index, 0x1180, 500));
        Assert.True(index.TryFindLatest(0x1080, out var latest));
        Assert.Equal("new", Name(index, latest));
    }

    [Fact]
    public void Moved_code_is_found_where_it_was_and_where_it_is()
    {
        byte[] move = Move(200, 0x1000, 0x9000, 4, 7);
        var index = Open(
            File(writer =>
            {
                writer.WriteDebugInfo(99, 0x1000, [new JitLine(2, "a.cs", 5, 0)]);
                writer.WriteCodeLoad(100, 1, 0x1000, 7, "f"u8, Code);
            }),
            move, move, Move(300, 0x5000, 0x6000, 4, 7), Move(300, 0x1000, 0x6000, 4, 8), Move(300, 0x9000, 0x6000, 4, 7, 1));

        Assert.Equal("f", At(index, 0x1001, 199));
        Assert.Null(At(index, 0x1001, 200));
        Assert.Null(At(index, 0x9001, 199));
        Assert.Equal("f", At(index, 0x9001, 200));
        Assert.True(index.TryFindLatest(0x1001, out _));
        Assert.True(index.TryFind(0x9000, 200, out var moved));
        Assert.Equal([new JitLine(2, "a.cs", 5, 0)], index.ReadLines(moved));
        Assert.Equal(100u, moved.ThreadId);
        var counts = index.Counts;
        Assert.Equal((1ul, 1ul, 2ul, 1ul), (counts.Moves, counts.Duplicates, counts.UnknownMoves, counts.OtherProcesses));
    }

    [Fact]
    public void Lines_find_their_code_between_other_threads_code()
    {
        var index = Open(File(writer =>
        {
            writer.WriteDebugInfo(1, 0x1000, [new JitLine(0, "a.java", 1, 0)]);
            writer.WriteDebugInfo(2, 0x2000, [new JitLine(0, "b.java", 2, 0)]);
            writer.WriteDebugInfo(3, 0x3000, [new JitLine(0, "c.java", 3, 0)]);
            writer.WriteCodeLoad(4, 1, 0x2000, 1, "b"u8, Code);
            writer.WriteCodeLoad(5, 1, 0x1000, 2, "a"u8, Code);
        }));
        Assert.Equal("b.java", Assert.Single(index.ReadLines(index.Blocks[0])).FileName);
        Assert.Equal("a.java", Assert.Single(index.ReadLines(index.Blocks[1])).FileName);
    }

    [Fact]
    public void Unknown_records_are_skipped_and_counted()
    {
        var index = Open(
            Empty, Record(5, 10, body => body.WriteZeros(100)), Record(6, 10, _ => { }), Load(11, 0x1000, 1, "f\0", 4, Code), Record(15, 12, _ => { }),
            Load(13, 0x2000, 2, "g\0", 4, Code), Record(7, 14, _ => { }));
        Assert.Equal(2, index.Blocks.Length);
        Assert.Equal(4u, index.Counts.UnknownRecords);
        Assert.Equal(0u, index.Counts.Gaps);
    }

    [Fact]
    public void Records_that_contradict_themselves_cost_only_themselves()
    {
        var index = Open(
            Empty,
            Load(10, 0x1000, 1, "no end of the name", 4, Code),
            Load(11, 0x2000, 2, "no code\0", 0, []),
            Load(12, ulong.MaxValue - 1, 3, "around the end\0", 4, Code),
            Load(13, 0x3000, 4, "other process\0", 4, Code, processId: 1),
            Load(14, 0x4000, 5, "f\0", 4, Code));
        Assert.Equal("f", Name(index, index.Blocks[0]));
        Assert.Equal(1, index.Blocks.Length);
        Assert.Equal((3ul, 1ul, 0ul), (index.Counts.BadRecords, index.Counts.OtherProcesses, index.Counts.Gaps));
    }

    [Fact]
    public void Code_without_its_bytes_has_a_name_and_a_place()
    {
        var index = Open(Empty, Load(10, 0x1000, 1, "Lfoo;::bar\0", 4000, []), Load(11, 0x4000, 2, "f\0", 4, Code));
        Assert.Equal(2, index.Blocks.Length);
        Assert.Equal("Lfoo;::bar", At(index, 0x1f9f, 10));
        Assert.Equal(0u, index.Blocks[0].CodeOffset);
        Assert.NotEqual(0u, index.Blocks[1].CodeOffset);
    }

    [Theory]
    [InlineData(Limits.NameBytes, 2)]
    [InlineData(Limits.NameBytes + 1, 1)]
    public void A_name_has_a_limit(int length, int blocks)
    {
        var index = Open(
            Empty, Load(10, 0x1000, 1, new string('n', length) + "\0", 4, Code), Load(11, 0x4000, 2, "f\0", 4, Code));
        Assert.Equal(blocks, index.Blocks.Length);
        Assert.Equal((ulong)(2 - blocks), index.Counts.OverLimit);
        Assert.Equal(0u, index.Counts.Gaps);
    }

    [Fact]
    public void Lines_that_wait_for_code_have_a_limit()
    {
        var index = Open(File(writer =>
        {
            for (uint i = 0; i <= Limits.JitWaitingDebugInfos; i++)
            {
                writer.WriteDebugInfo(1, i, []);
            }

            writer.WriteCodeLoad(2, 1, 0x4_0000, 1, "f"u8, Code);
        }));
        Assert.Equal((ulong)Limits.JitWaitingDebugInfos, index.Counts.Unclaimed);
        Assert.Equal(1, index.Blocks.Length);
    }

    [Fact]
    public void A_file_that_grows_byte_by_byte_is_read_as_the_whole_is()
    {
        byte[] file = Functions(20);
        var source = new GrowingSource(file);
        source.Grow(JitDumpHeader.ByteCount);
        var index = JitDumpIndex.Open(source);
        int added = 0;
        for (int length = JitDumpHeader.ByteCount + 1; length <= file.Length; length++)
        {
            source.Grow(length);
            added += index.ReadMore() ? 1 : 0;
        }

        Assert.False(index.ReadMore());
        Assert.Equal(20, added);
        Assert.Equal(Read(Open(file)), Read(index));
        Assert.Equal(0u, index.Counts.Gaps + index.Counts.Duplicates + index.Counts.Unclaimed + index.UnreadBytes);
    }

    [Fact]
    public void Code_that_replaces_other_code_is_found_whatever_the_steps_in_which_the_file_grew()
    {
        var random = new Random(20261123);
        byte[] file = File(writer =>
        {
            for (uint i = 0; i < 300; i++)
            {
                ulong time = (ulong)random.Next(1, 1000);
                writer.WriteCodeLoad(time, 99, 0x1000 + (ulong)random.Next(500), i, "f"u8, Bytes(0xcc, random.Next(1, 60)));
            }
        });
        var whole = Open(file);
        var source = new GrowingSource(file);
        source.Grow(JitDumpHeader.ByteCount);
        var grown = JitDumpIndex.Open(source);
        for (int length = JitDumpHeader.ByteCount; length < file.Length;)
        {
            length = Math.Min(file.Length, length + random.Next(1, 4000));
            source.Grow(length);
            grown.ReadMore();
            grown.Find(0x1000, 1);
        }

        for (ulong address = 0x1000; address < 0x1240; address++)
        {
            for (ulong time = 0; time < 1000; time += 7)
            {
                int expected = whole.Find(address, time, out ulong until);
                Assert.Equal((expected, until), (grown.Find(address, time, out ulong grownUntil), grownUntil));
                Assert.Equal(expected, whole.Find(address, until - 1));
            }
        }
    }

    [Fact]
    public void A_look_up_allocates_nothing()
    {
        var index = Open(Functions(100));
        Assert.True(index.TryFind(Address(50), ulong.MaxValue - 1, out _));
        long before = GC.GetAllocatedBytesForCurrentThread();
        int found = 0;
        for (uint i = 0; i < 100; i++)
        {
            found += index.TryFind(Address(i) + i, 9_000_000_000, out _) ? 1 : 0;
            found += index.TryFindLatest(Address(i), out var block) && !index.NameOf(block).IsEmpty ? 1 : 0;
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(200, found);
    }

    [Fact]
    public void The_writer_refuses_what_could_not_be_read()
    {
        var writer = new JitDumpWriter(Stream.Null, Header);
        Assert.Throws<ArgumentException>(() => writer.WriteCodeLoad(1, 1, 1, 1, "a\0b"u8, Code));
        Assert.Throws<ArgumentException>(() => writer.WriteCodeLoad(1, 1, 1, 1, "a"u8, []));
        Assert.Throws<ArgumentException>(() => writer.WriteCodeLoad(1, 1, 1, 1, new byte[Limits.NameBytes + 1], Code));
        Assert.Throws<ArgumentException>(() => writer.WriteDebugInfo(1, 1, [new JitLine(0, "a\0b", 1, 0)]));
    }

    private static string? At(JitDumpIndex index, ulong address, ulong time) =>
        index.TryFind(address, time, out var block) ? Name(index, block) : null;

    private sealed class GrowingSource(byte[] file) : ByteSource
    {
        private int _length;

        public override string Name => "jit-4711.dump";

        public override ulong Length => (ulong)_length;

        public void Grow(int length) => _length = length;

        public override int ReadAt(ulong offset, Span<byte> destination)
        {
            int count = (int)Math.Min((ulong)destination.Length, Length - Math.Min(offset, Length));
            file.AsSpan((int)Math.Min(offset, Length), count).CopyTo(destination);
            return count;
        }
    }
}
