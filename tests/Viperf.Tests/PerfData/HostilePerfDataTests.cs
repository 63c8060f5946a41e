using Viperf.Core.Pipeline;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.PerfData;

public class HostilePerfDataTests
{
    private const int Mutants = 5_000;

    private static readonly PerfDataBuilder WellFormed = Build();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_cut_after_any_byte_gives_what_it_has_or_a_parse_error(bool pipe)
    {
        byte[] bytes = pipe ? WellFormed.Pipe() : WellFormed.File();
        int most = Read(bytes);
        Assert.Equal(6, most);
        int before = 0;
        for (int length = 0; length < bytes.Length; length++)
        {
            int count = Read(bytes[..length]);
            Assert.InRange(count, before, most);
            before = count;
        }
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void Bytes_changed_at_random_give_records_or_a_parse_error(int seed, bool pipe)
    {
        byte[] bytes = pipe ? WellFormed.Pipe() : WellFormed.File();
        var random = new Random(seed);
        int readable = 0;
        for (int i = 0; i < Mutants; i++)
        {
            byte[] mutant = [.. bytes];
            for (int changes = random.Next(1, 8); changes > 0; changes--)
            {
                int at = random.Next(mutant.Length);
                mutant[at] = random.Next(4) switch
                {
                    0 => 0,
                    1 => 0xff,
                    2 => (byte)(mutant[at] ^ 1 << random.Next(8)),
                    _ => (byte)random.Next(256),
                };
            }

            readable += Read(mutant) > 0 ? 1 : 0;
        }

        Assert.InRange(readable, Mutants / 4, Mutants); // or the test would not reach past the header
    }

    /// <summary>Reads all; the number of records, 0 where the file is refused. Other exceptions fail the test.</summary>
    private static int Read(byte[] bytes)
    {
        try
        {
            using var reader = PerfDataReader.Open(new MemorySource(bytes, "test"), new ZstdDecompressor());
            return RecordCollector.Of(reader).Records.Count;
        }
        catch (ParseException)
        {
            return 0;
        }
    }

    private static PerfDataBuilder Build()
    {
        const SampleFormat sampleType = PerfDataBuilder.DefaultSampleType
            | SampleFormat.PERF_SAMPLE_IDENTIFIER | SampleFormat.PERF_SAMPLE_CALLCHAIN;
        var features = new FeatureWriter();
        features.SetText(HeaderFeature.HOSTNAME, "h");
        features.SetCpuCount(2, 2);
        features.SetCommandLine(["a", "b"]);
        features.SetPmuMappings([new PmuMapping(1, "software")]);
        features.SetBuildIds([new BuildIdEntry(-1, RecordMisc.PERF_RECORD_MISC_USER, new byte[20], "/x")]);
        var builder = new PerfDataBuilder().Event(sampleType, 1, 2).Event(sampleType, 3);
        foreach (var (feature, bytes) in features.Sections)
        {
            builder.Feature(feature, bytes.ToArray());
        }

        using var compressor = new ZstdSharp.Compressor();
        var inner = new PerfDataBuilder().Event(sampleType).Sample(time: 50, id: 1, chain: [1, 2, 3]);
        return builder
            .Comm(time: 5, "comm", id: 1)
            .Sample(time: 20, id: 1, chain: [CallchainContext.PERF_CONTEXT_USER, 0x10, 0x20])
            .Sample(time: 10, id: 3)
            .Round()
            .Record(RecordType.PERF_RECORD_AUXTRACE, 16, 0, 0, 0, 0, 0).Raw(new byte[16])
            .Compressed(compressor.Wrap(inner.File().AsSpan(inner.DataOffset)))
            .Record(RecordType.PERF_RECORD_MMAP2, [.. new byte[64], .. "/bin/x"u8, 0, 0, .. new byte[24]])
            .Record(RecordType.PERF_RECORD_THREAD_MAP, 0);
    }
}
