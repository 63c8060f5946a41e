using Viperf.Formats.Bytes;
using Viperf.Formats.Jit;
using Xunit;
using static Viperf.Tests.Jit.JitDumpSample;

namespace Viperf.Tests.Jit;

/// <summary>Files that are cut, written twice, interleaved, or made up.</summary>
public class HostileJitDumpTests
{
    private const int HeaderBytes = JitDumpHeader.ByteCount;

    public static TheoryData<string> Files => ["functions", "3.13.0.dump", "3.14.10.dump", "3.15.2.dump"];

    [Theory]
    [InlineData("", "empty file")]
    [InlineData("44", "not a jitdump file")]
    [InlineData("4a695444", "big-endian jitdump")]
    [InlineData("50455246", "not a jitdump file")]
    [InlineData("4454694a02000000", "jitdump of version 2")]
    [InlineData("4454694a0100000027000000", "header of 39 bytes")]
    [InlineData("4454694a01000000ffffffff", "header of 4294967295 bytes")]
    [InlineData("4454694a01000000280000003e00", "4 bytes wanted, 2 left")]
    public void A_bad_header_is_refused_by_name(string hexadecimal, string problem)
    {
        var error = Assert.Throws<ParseException>(() => Open(Convert.FromHexString(hexadecimal)));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("jit-4711.dump: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_longer_header_is_skipped_to_its_end()
    {
        byte[] file = Functions(3);
        byte[] header = [.. file.AsSpan(0, HeaderBytes), .. Bytes(0xee, 24)];
        header[8] = 64;
        Assert.Equal(Read(Open(file), withTables: false), Read(Open(header, file[HeaderBytes..]), withTables: false));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_cut_at_any_byte_loses_only_what_was_cut(string name)
    {
        byte[] file = Sample(name);
        var whole = Read(Open(file), withTables: false);
        int before = 0;
        for (int length = HeaderBytes; length <= file.Length; length += Step(file))
        {
            var index = Open(file[..length]);
            Assert.True(index.Blocks.Length >= before);
            Assert.Empty(Read(index, withTables: false).Except(whole));
            before = index.Blocks.Length;
        }

        Assert.InRange(before, whole.Count - 1, whole.Count);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_buffer_written_twice_from_any_byte_on_loses_nothing(string name)
    {
        byte[] file = Sample(name);
        var whole = Read(Open(file));
        for (int at = HeaderBytes; at < file.Length; at += Step(file))
        {
            Assert.True(whole.SequenceEqual(Read(Open(file, file[at..]))), $"written again from {at}");
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_record_cut_at_any_byte_by_a_whole_stream_loses_nothing(string name)
    {
        byte[] file = Sample(name);
        var whole = Read(Open(file));
        for (int at = HeaderBytes; at < file.Length; at += Step(file))
        {
            Assert.True(whole.SequenceEqual(Read(Open(file[..at], file[HeaderBytes..]))), $"cut at {at}");
        }
    }

    [Fact]
    public void A_cut_record_does_not_hide_another_processs_interleaved_stream()
    {
        byte[] first = Functions(12);
        byte[] second = File(writer =>
        {
            for (uint i = 100; i < 112; i++)
            {
                writer.WriteCodeLoad(7_500_000_000UL + i, 99, Address(i), i, "second"u8, Bytes(0x90, 40));
            }
        })[HeaderBytes..];
        var both = Read(Open(first, second), withTables: false);
        for (int at = HeaderBytes; at < first.Length; at++)
        {
            // The tail of the record that was cut comes behind the other stream: at most this one record is lost.
            var read = Read(Open(first[..at], second, first[at..]), withTables: false);
            Assert.Empty(read.Except(both));
            Assert.True(read.Count >= both.Count - 1);
        }
    }

    [Fact]
    public void A_gap_separates_unwind_information_from_other_code()
    {
        byte[] file = Functions(2);
        byte[] unwinding = File(writer => writer.WriteUnwindingInfo(1, Bytes(1, 56), Bytes(2, 20), 80))[HeaderBytes..];
        byte[] load = Load(7_600_000_000, 0x1000, 77, "f\0", 4, [1, 2, 3, 4]);
        var index = Open(file, unwinding, Bytes(0xff, 50), load);
        Assert.True(index.TryFindLatest(0x1000, out var block));
        Assert.Null(index.UnwindingOf(block));
        Assert.Equal((1ul, 50ul, 1ul), (index.Counts.Gaps, index.Counts.GapBytes, index.Counts.Unclaimed));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Any_changed_bytes_are_read_without_harm(string name)
    {
        byte[] file = Sample(name);
        var random = new Random(20260805);
        long blocks = 0;
        for (int round = 0; round < 500; round++)
        {
            byte[] changed = (byte[])file.Clone();
            for (int changes = random.Next(1, 12); changes > 0; changes--)
            {
                int at = random.Next(HeaderBytes, changed.Length);
                changed[at] = random.Next(4) switch { 0 => 0, 1 => 0xff, 2 => (byte)random.Next(6), _ => (byte)random.Next(256) };
            }

            var index = Open(changed[..random.Next(HeaderBytes, changed.Length + 1)]);
            foreach (ref readonly var block in index.Blocks)
            {
                blocks++;
                Assert.True(block.CodeOffset + block.Size <= (ulong)changed.Length || block.CodeOffset == 0);
                Assert.True(index.TryFindLatest(block.Start, out _));
                _ = index.NameOf(block);
                _ = index.ReadLines(block);
                Assert.False(index.UnwindingOf(block) is { } unwinding
                    && unwinding.Offset + unwinding.EhFrameSize + unwinding.EhFrameHeaderSize > (ulong)changed.Length);
            }
        }

        Assert.NotEqual(0, blocks);
    }

    /// <summary>Whatever is repeated for 4 MB, the file is read from its source 64 times at most.</summary>
    [Theory]
    [InlineData("zeros")]
    [InlineData("loads that go on beyond the end")]
    [InlineData("loads that end in nothing")]
    [InlineData("loads in each other's code")]
    [InlineData("unwinding that ends in nothing")]
    [InlineData("lines in lines")]
    [InlineData("no bytes of records")]
    public void No_pattern_is_read_over_and_over(string pattern)
    {
        byte[] unit = pattern switch
        {
            "zeros" => new byte[64],
            "loads that go on beyond the end" => Resize(Load(1, 1, 1, "f\0", 1, [1]), 1 << 27),
            "loads that end in nothing" => Resize(Load(1, 1, 1, "f\0", 1, [1]), 4099),
            "loads in each other's code" => Resize(Load(1, 1, 1, new string('f', 30), 1 << 10, []), 1 << 16),
            "unwinding that ends in nothing" => Resize(Record(4, 1, body => { body.WriteUInt64(4096); body.WriteZeros(16); }), 4136),
            "lines in lines" => Resize(Record(2, 1, body => { body.WriteUInt64(1); body.WriteUInt64(3); }), 8195),
            _ => Bytes(0xff, 64),
        };
        byte[] file = new byte[4 << 20];
        Functions(1).AsSpan(0, HeaderBytes).CopyTo(file);
        for (int at = HeaderBytes; at + unit.Length <= file.Length; at += unit.Length)
        {
            unit.CopyTo(file, at);
        }

        var source = new CountingSource(file);
        JitDumpIndex.Open(source);
        Assert.InRange(source.BytesRead, 1, 64L * file.Length);
    }

    private static byte[] Sample(string name) =>
        name == "functions" ? Functions(16) : System.IO.File.ReadAllBytes(Fixtures.PathOf("jitdump-cpython", name));

    /// <summary>Every byte of the small files; of 3.13.0's, places that walk through its records.</summary>
    private static int Step(byte[] file) => file.Length < 8192 ? 1 : 23;

    private static byte[] Resize(byte[] record, uint size)
    {
        BitConverter.TryWriteBytes(record.AsSpan(4), size);
        return record;
    }

    private sealed class CountingSource(byte[] file) : ByteSource
    {
        public long BytesRead { get; private set; }

        public override string Name => "jit-4711.dump";

        public override ulong Length => (ulong)file.Length;

        public override int ReadAt(ulong offset, Span<byte> destination)
        {
            int count = (int)Math.Min((ulong)destination.Length, Length - Math.Min(offset, Length));
            file.AsSpan((int)Math.Min(offset, Length), count).CopyTo(destination);
            BytesRead += count;
            return count;
        }
    }
}
