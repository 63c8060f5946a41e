using Viperf.Core.Pipeline;
using Viperf.Formats.PerfData;
using Xunit;
using ZstdSharp;

namespace Viperf.Tests.PerfData;

public class CompressedRecordsTests
{
    /// <summary>Records of which more fit into the reader's buffer for decompressed bytes than it holds.</summary>
    private const int Samples = 60_000;

    [Theory]
    [InlineData(RecordType.PERF_RECORD_COMPRESSED)]
    [InlineData(RecordType.PERF_RECORD_COMPRESSED2)]
    public void Records_go_on_across_compressed_ones(RecordType type)
    {
        using var reader = Compressed(type, pieceBytes: 777).OpenFile(new ZstdDecompressor());
        Assert.Equal(Enumerable.Range(1, Samples).Select(i => (ulong)i), RecordCollector.Of(reader).Times);
        Assert.Empty(reader.Warnings);
        Assert.Equal(Samples, RecordCollector.Of(reader).Records.Count); // again from the start
    }

    [Fact]
    public void Many_compressed_records_of_one_round_share_chunks_while_they_wait()
    {
        // Each of the 5,000 compressed records would have a chunk of its own, and all of them more than may wait.
        using var compressor = new Compressor();
        var stream = compressor.Wrap(Records(5_000, descending: true));
        var builder = new PerfDataBuilder().Event();
        int pieceBytes = Math.Max(1, stream.Length / 5_000);
        for (int at = 0; at < stream.Length; at += pieceBytes)
        {
            builder.Compressed(stream[at..Math.Min(at + pieceBytes, stream.Length)]);
        }

        using var reader = builder.OpenFile(new ZstdDecompressor());
        Assert.Equal(Enumerable.Range(1, 5_000).Select(i => (ulong)i), RecordCollector.Of(reader).Times);
        Assert.Empty(reader.Warnings);
    }

    [Fact]
    public void Little_that_decompresses_to_much_goes_through_in_pieces()
    {
        using var reader = Compressed(RecordType.PERF_RECORD_COMPRESSED, pieceBytes: 60_000).OpenFile(new ZstdDecompressor());
        Assert.Equal(Samples, RecordCollector.Of(reader).Records.Count);
    }

    [Fact]
    public void Without_a_decompressor_compressed_records_are_counted_as_unreadable()
    {
        using var reader = Compressed(RecordType.PERF_RECORD_COMPRESSED, pieceBytes: 60_000).Sample(time: 9).OpenFile();
        Assert.Equal([9UL], RecordCollector.Of(reader).Times);
        Assert.Contains("compressed records could not be read", Assert.Single(reader.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Garbage_in_place_of_a_zstd_stream_costs_the_compressed_records_alone()
    {
        using var reader = new PerfDataBuilder().Event()
            .Compressed("this is no zstd stream, is it?"u8)
            .Compressed("nor is this"u8)
            .Sample(time: 9).OpenFile(new ZstdDecompressor());
        Assert.Equal([9UL], RecordCollector.Of(reader).Times);
        Assert.Equal(2, reader.Warnings.Count);
        Assert.Contains("no zstd stream", reader.Warnings[0], StringComparison.Ordinal);
        Assert.Contains("2 compressed records", reader.Warnings[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_stream_that_ends_within_a_record_is_said_to_be_cut_short()
    {
        byte[] records = Records(2);
        using var compressor = new Compressor();
        using var reader = new PerfDataBuilder().Event()
            .Compressed(compressor.Wrap(records.AsSpan(0, records.Length - 1)))
            .OpenFile(new ZstdDecompressor());
        Assert.Equal([1UL], RecordCollector.Of(reader).Times);
        Assert.Contains("cut short", Assert.Single(reader.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_size_beyond_the_compressed_record_is_a_bad_record()
    {
        using var reader = new PerfDataBuilder().Event()
            .Record(RecordType.PERF_RECORD_COMPRESSED2, 9, 0).OpenFile(new ZstdDecompressor());
        Assert.Empty(RecordCollector.Of(reader).Records);
        Assert.Equal(1UL, reader.BadRecords);
    }

    private static byte[] Records(int count, bool descending = false)
    {
        var inner = new PerfDataBuilder().Event();
        for (int i = 1; i <= count; i++)
        {
            inner.Sample(time: (ulong)(descending ? count + 1 - i : i));
        }

        return inner.File()[inner.DataOffset..];
    }

    /// <summary>One zstd stream, cut into records whose borders have nothing to do with those of the records within.</summary>
    private static PerfDataBuilder Compressed(RecordType type, int pieceBytes)
    {
        using var compressor = new Compressor();
        var stream = compressor.Wrap(Records(Samples));
        var builder = new PerfDataBuilder().Event();
        for (int at = 0; at < stream.Length; at += pieceBytes)
        {
            var piece = stream[at..Math.Min(at + pieceBytes, stream.Length)];
            if (type == RecordType.PERF_RECORD_COMPRESSED2)
            {
                builder.Record(type, [.. BitConverter.GetBytes((ulong)piece.Length), .. piece]);
            }
            else
            {
                builder.Compressed(piece);
            }
        }

        return builder;
    }
}
