using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.PerfData;

public class PerfDataReaderTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(72)]
    [InlineData(80)]
    [InlineData(96)]
    [InlineData(104)]
    [InlineData(112)]
    [InlineData(120)]
    [InlineData(128)]
    [InlineData(136)]
    [InlineData(144)]
    [InlineData(256)]
    public void Attrs_of_every_kernel_are_read_and_lack_only_what_their_size_lacks(int size)
    {
        var attr = new PerfEventAttr
        {
            type = PerfEventKind.PERF_TYPE_SOFTWARE,
            config1 = 1, // in all sizes
            config2 = 2, // from 72
            sample_stack_user = 3, // from 96
            sample_max_stack = 4, // from 112
            sig_data = 5, // from 128
            config3 = 6, // from 136
            sample_type = PerfDataBuilder.DefaultSampleType,
            flags = AttrFlags.sample_id_all,
        };
        var builder = new PerfDataBuilder().AttrSize(size).Event(attr, 7).Event(attr, 8).Sample(time: 1);
        foreach (var reader in (PerfDataReader[])[builder.OpenFile(), builder.OpenPipe()])
        {
            Assert.Equal(2, reader.Events.Count);
            var read = reader.Events[1].Attr;
            Assert.Equal((uint)size, read.size);
            Assert.Equal(1UL, read.config1);
            Assert.Equal(size >= 72 ? 2UL : 0, read.config2);
            Assert.Equal(size >= 96 ? 3U : 0, read.sample_stack_user);
            Assert.Equal(size >= 112 ? 4 : 0, read.sample_max_stack);
            Assert.Equal(size >= 128 ? 5UL : 0, read.sig_data);
            Assert.Equal(size >= 136 ? 6UL : 0, read.config3);
            Assert.Equal([8UL], reader.Events[1].Ids);
            Assert.Empty(reader.Warnings);
        }
    }

    [Theory]
    [InlineData(63)]
    [InlineData(5000)]
    public void Attrs_of_impossible_sizes_are_refused(int size)
    {
        byte[] file = new PerfDataBuilder().Event().File();
        BitConverter.GetBytes((ulong)size + 16).CopyTo(file, 16);
        Assert.Throws<ParseException>(() => Open(file));
    }

    [Fact]
    public void Records_come_in_the_order_of_their_times_within_two_rounds()
    {
        var builder = new PerfDataBuilder().Event()
            .Sample(time: 30, ip: 3).Sample(time: 10, ip: 1).Comm(time: 20, "late").Round()
            .Sample(time: 40, ip: 4).Sample(time: 25, ip: 2).Round();
        foreach (var reader in (PerfDataReader[])[builder.OpenFile(), builder.OpenPipe()])
        {
            var seen = RecordCollector.Of(reader);
            Assert.Equal([10UL, 20, 25, 30, 40], seen.Times);
            Assert.Equal([1UL, 2, 3, 4], seen.Ips);
            Assert.Empty(reader.Warnings);
        }
    }

    [Fact]
    public void Long_rounds_come_in_the_order_of_their_times_in_both_forms()
    {
        // Two rings, one after the other in each round; all in all far more than one chunk.
        const int PerRing = 200;
        var builder = new PerfDataBuilder().Event(
            PerfDataBuilder.DefaultSampleType | SampleFormat.PERF_SAMPLE_CALLCHAIN);
        ulong[] chain = new ulong[1000];
        for (ulong round = 0; round < 5; round++)
        {
            for (ulong ring = 1; ring <= 2; ring++)
            {
                for (ulong i = 0; i < PerRing; i++)
                {
                    ulong time = (((round * PerRing) + i) * 2) + ring;
                    chain.AsSpan().Fill(time);
                    builder.Sample(time, ip: time, chain: chain);
                }
            }

            builder.Round();
        }

        foreach (var reader in (PerfDataReader[])[builder.OpenFile(), builder.OpenPipe()])
        {
            var seen = RecordCollector.Of(reader);
            Assert.Equal(Enumerable.Range(1, 5 * 2 * PerRing).Select(time => (ulong)time), seen.Times);
            Assert.Equal(seen.Times, seen.Ips);
            Assert.Empty(reader.Warnings);
        }
    }

    [Fact]
    public void A_record_too_late_for_its_round_is_counted()
    {
        using var reader = new PerfDataBuilder().Event()
            .Sample(time: 30).Round().Sample(time: 40).Round().Sample(time: 10).OpenFile();
        Assert.Equal([30UL, 10, 40], RecordCollector.Of(reader).Times);
        Assert.Contains("1 records came too late", Assert.Single(reader.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_sample_id_all_records_come_as_they_stand()
    {
        var attr = new PerfEventAttr { sample_type = PerfDataBuilder.DefaultSampleType };
        using var reader = new PerfDataBuilder().AttrSize(80).Event(attr)
            .Comm(time: 0, "old").Sample(time: 20).Comm(time: 0, "older").Sample(time: 10).OpenFile();
        var seen = RecordCollector.Of(reader);
        Assert.Equal([0UL, 20, 0, 10], seen.Times);
        Assert.Equal(["old", "older"], seen.Comms);
    }

    [Fact]
    public void A_file_can_be_read_twice()
    {
        var builder = new PerfDataBuilder().Event().Sample(time: 1).Sample(time: 2);
        foreach (byte[] bytes in (byte[][])[builder.File(), builder.Pipe()])
        {
            using var reader = Open(bytes);
            Assert.Equal(2, RecordCollector.Of(reader).Records.Count);
            Assert.Equal(2, RecordCollector.Of(reader).Records.Count);
            Assert.Single(reader.Events);
        }
    }

    [Theory]
    [InlineData(SampleFormat.PERF_SAMPLE_ID)]
    [InlineData(SampleFormat.PERF_SAMPLE_IDENTIFIER)]
    public void Records_belong_to_the_event_that_has_their_id(SampleFormat idField)
    {
        var sampleType = PerfDataBuilder.DefaultSampleType | idField;
        using var reader = new PerfDataBuilder().Event(sampleType, 11, 12).Event(sampleType, 21, 22)
            .Sample(time: 1, id: 22).Sample(time: 2, id: 11).Sample(time: 3, id: 99)
            .Comm(time: 4, "second", id: 21).Comm(time: 5, "made by perf", id: 0).Comm(time: 6, "unknown", id: 99)
            .OpenFile();
        var seen = RecordCollector.Of(reader);
        Assert.Equal([1, 0, 1, 0, 0], seen.Records.Select(record => record.Event));
        Assert.Equal(1UL, reader.UnknownEvents);
        Assert.Contains("1 samples of events", Assert.Single(reader.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_event_needs_no_id()
    {
        using var reader = new PerfDataBuilder().Event(PerfDataBuilder.DefaultSampleType | SampleFormat.PERF_SAMPLE_ID)
            .Sample(time: 1, id: 99).OpenFile();
        Assert.Single(RecordCollector.Of(reader).Ips);
        Assert.Equal(0UL, reader.UnknownEvents);
    }

    [Fact]
    public void A_recording_that_was_killed_is_read_to_the_end_of_the_file()
    {
        using var reader = new PerfDataBuilder().Event().Feature(HeaderFeature.HOSTNAME, "not read").DataSize(0)
            .Sample(time: 1).Sample(time: 2).OpenFile();
        var warning = Assert.Single(reader.Warnings);
        Assert.Contains("did not finish", warning, StringComparison.Ordinal);
        Assert.Equal([1UL, 2], RecordCollector.Of(reader).Times.Take(2));
        Assert.Null(reader.Features.HostName);
    }

    [Fact]
    public void A_file_that_is_shorter_than_it_says_is_read_to_its_end()
    {
        using var reader = new PerfDataBuilder().Event().Feature(HeaderFeature.HOSTNAME, "x").DataSize(1 << 20)
            .Sample(time: 1).OpenFile();
        RecordCollector.Of(reader);
        Assert.Contains("cut short", reader.Warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_last_record_that_is_cut_short_costs_only_itself()
    {
        byte[] file = new PerfDataBuilder().Event().DataSize(0).Sample(time: 1).Sample(time: 2).File();
        using var reader = Open(file[..^3]);
        Assert.Equal([1UL], RecordCollector.Of(reader).Times);
        Assert.Contains("did not finish", Assert.Single(reader.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_that_goes_beyond_the_records_is_said_with_its_place()
    {
        byte[] file = new PerfDataBuilder().Event().Sample(time: 1).Sample(time: 2).DataSize(32 + 29).File();
        using var reader = Open(file);
        Assert.Equal([1UL], RecordCollector.Of(reader).Times);
        Assert.Contains(
            "cut short: record of 32 bytes, 29 left", Assert.Single(reader.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_smaller_than_its_header_ends_the_reading_where_it_stands()
    {
        var builder = new PerfDataBuilder().Event().Sample(time: 1);
        ulong place = (ulong)(builder.DataOffset + builder.DataBytes);
        using var reader = builder.Raw([9, 0, 0, 0, 0, 0, 7, 0]).Sample(time: 2).OpenFile();
        Assert.Equal([1UL], RecordCollector.Of(reader).Times);
        Assert.EndsWith($"(at offset 0x{place:x})", Assert.Single(reader.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Records_that_are_too_short_for_their_type_are_counted_and_left_out()
    {
        var builder = new PerfDataBuilder().Event().Sample(time: 1);
        for (int i = 0; i < 5; i++)
        {
            builder.Record(RecordType.PERF_RECORD_SAMPLE).Record(RecordType.PERF_RECORD_MMAP2);
        }

        using var reader = builder.Sample(time: 2).OpenFile();
        Assert.Equal([1UL, 2], RecordCollector.Of(reader).Times);
        Assert.Equal(10UL, reader.BadRecords);
        Assert.Equal(4, reader.Warnings.Count); // three in detail, and the sum
        Assert.Contains("10 bad records", reader.Warnings[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_chain_longer_than_its_record_is_a_bad_record()
    {
        using var reader = new PerfDataBuilder().Event(PerfDataBuilder.DefaultSampleType | SampleFormat.PERF_SAMPLE_CALLCHAIN)
            .Sample(time: 1, chain: [1, 2])
            .Record(RecordType.PERF_RECORD_SAMPLE, 0x1000, 1, 2, ulong.MaxValue).OpenFile();
        Assert.Single(RecordCollector.Of(reader).Ips);
        Assert.Equal(1UL, reader.BadRecords);
    }

    [Fact]
    public void Types_that_are_not_known_go_through()
    {
        using var reader = new PerfDataBuilder().Event().Record((RecordType)60, 0, 0, 5).Record((RecordType)1000, 1).OpenFile();
        Assert.Equal(2, RecordCollector.Of(reader).Records.Count);
        Assert.Empty(reader.Warnings);
    }

    [Fact]
    public void Payloads_behind_records_are_stepped_over()
    {
        var builder = new PerfDataBuilder().Event()
            .Record(RecordType.PERF_RECORD_AUXTRACE, 100_000, 0, 0, 0, 0, 0).Raw(new byte[100_000])
            .Record(RecordType.PERF_RECORD_HEADER_TRACING_DATA, 2_000_001).Raw(new byte[2_000_008])
            .Sample(time: 1);
        foreach (var reader in (PerfDataReader[])[builder.OpenFile(), builder.OpenPipe()])
        {
            Assert.Equal([1UL], RecordCollector.Of(reader).Times);
            Assert.Empty(reader.Warnings);
        }
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 62)]
    [InlineData(9UL)]
    public void A_payload_beyond_the_end_ends_the_reading(ulong size)
    {
        var builder = new PerfDataBuilder().Event().Sample(time: 1)
            .Record(RecordType.PERF_RECORD_AUXTRACE, size, 0, 0, 0, 0, 0).Raw(new byte[8]);
        foreach (var reader in (PerfDataReader[])[builder.OpenFile(), Open(builder.Pipe())])
        {
            Assert.Equal([1UL], RecordCollector.Of(reader).Times);
            Assert.Contains("beyond the records", Assert.Single(reader.Warnings), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_pipe_tells_its_names_and_features_by_records()
    {
        using var reader = new PerfDataBuilder().Event(ids: [5, 6]).Feature(HeaderFeature.HOSTNAME, "host")
            .Record(RecordType.PERF_RECORD_EVENT_UPDATE, [.. BitConverter.GetBytes(2UL), .. BitConverter.GetBytes(6UL), .. "my name"u8])
            .Record(RecordType.PERF_RECORD_HEADER_FEATURE, 32) // perf's mark behind the last
            .Sample(time: 1)
            .Record(
                RecordType.PERF_RECORD_HEADER_BUILD_ID,
                [.. BitConverter.GetBytes(-1), .. new byte[20], 16, 0, 0, 0, .. "/bin/true"u8, 0],
                RecordMisc.PERF_RECORD_MISC_EXT_RESERVED | RecordMisc.PERF_RECORD_MISC_USER)
            .OpenPipe();
        Assert.Equal("my name", reader.Events[0].Name);
        Assert.Equal("host", reader.Features.HostName);
        Assert.Equal([HeaderFeature.HOSTNAME], reader.Features.Present);
        Assert.Single(RecordCollector.Of(reader).Ips);
        var entry = Assert.Single(reader.Features.BuildIds);
        Assert.Equal(("/bin/true", 16), (entry.FileName, entry.BuildId.Length));
    }

    [Fact]
    public void A_feature_that_cannot_be_read_costs_only_that_feature()
    {
        using var reader = new PerfDataBuilder().Event()
            .Feature(HeaderFeature.HOSTNAME, 255, 255, 255, 255)
            .Feature(HeaderFeature.NRCPUS, 1, 0)
            .Feature(HeaderFeature.CPUDESC, "good").Sample(time: 1).OpenFile();
        Assert.Null(reader.Features.HostName);
        Assert.Null(reader.Features.CpusAvailable);
        Assert.Equal("good", reader.Features.CpuDescription);
        Assert.Equal(2, reader.Warnings.Count);
        Assert.Contains("header feature HOSTNAME", reader.Warnings[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "empty file")]
    [InlineData("hello", "not a perf.data file")]
    [InlineData("2ELIFREP________________________", "big-endian")]
    [InlineData("PERFFILE________________________", "version 1")]
    [InlineData("PERFILE2", "bytes wanted")]
    public void What_is_no_recording_is_refused_by_name(string start, string problem)
    {
        var error = Assert.Throws<ParseException>(() => Open(System.Text.Encoding.ASCII.GetBytes(start)));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_form_is_refused_where_only_reading_on_is_possible()
    {
        var file = new MemoryStream(new PerfDataBuilder().Event().Sample(time: 1).File());
        var error = Assert.Throws<ParseException>(() => PerfDataReader.OpenPipe(file, "test"));
        Assert.Contains("from a pipe", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recording_without_events_is_refused()
    {
        Assert.Throws<ParseException>(() => new PerfDataBuilder().OpenFile());
        Assert.Throws<ParseException>(() => new PerfDataBuilder().Round().OpenPipe());
    }

    [Fact]
    public void More_events_than_the_limit_are_refused()
    {
        var builder = new PerfDataBuilder();
        for (int i = 0; i <= Limits.EventAttrs; i++)
        {
            builder.Event();
        }

        Assert.Contains("more than 4096 events", Assert.Throws<ParseException>(() => builder.OpenFile()).Message, StringComparison.Ordinal);
        Assert.Contains("more than 4096 events", builder.Sample(1).OpenPipe().Warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_beyond_the_limit_are_refused()
    {
        var ids = new ulong[Limits.SampleIds];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = (ulong)i + 1;
        }

        Assert.Contains(
            "sample ids",
            Assert.Throws<ParseException>(() => new PerfDataBuilder().Event(ids: ids).Event(ids: [ulong.MaxValue]).OpenFile()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_count_toward_the_limit_also_where_events_share_them()
    {
        var ids = new ulong[Limits.SampleIds / 2 + 1];
        Assert.Contains(
            "sample ids",
            Assert.Throws<ParseException>(() => new PerfDataBuilder().Event(ids: ids).Event(ids: ids).OpenFile()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_feature_beyond_the_limit_is_refused_without_being_read()
    {
        var builder = new PerfDataBuilder().Event().Feature(HeaderFeature.HOSTNAME, "x").Sample(time: 1);
        byte[] file = builder.File();
        int row = builder.DataOffset + builder.DataBytes;
        BitConverter.GetBytes((ulong)Limits.FeatureBytes + 1).CopyTo(file, row + 8);
        using var reader = Open(file);
        Assert.Contains("more than the limit", Assert.Single(reader.Warnings), StringComparison.Ordinal);
    }

    private static PerfDataReader Open(byte[] bytes) => PerfDataReader.Open(new MemorySource(bytes, "test"));
}
