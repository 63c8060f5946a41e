using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.PerfData;

public class RecordBuilderTests
{
    private static readonly SampleId Id = new(Pid: 1, Tid: 2, Time: 3, Id: 4, Cpu: 5);

    [Theory]
    [InlineData(0UL)]
    [InlineData((ulong)(SampleFormat.PERF_SAMPLE_TID | SampleFormat.PERF_SAMPLE_TIME))]
    [InlineData((ulong)(SampleFormat.PERF_SAMPLE_TIME | SampleFormat.PERF_SAMPLE_ID | SampleFormat.PERF_SAMPLE_CPU))]
    [InlineData((ulong)SampleFormat.Known)]
    public void The_trailer_has_what_the_event_records(ulong sampleType)
    {
        var layout = Layout((SampleFormat)sampleType);
        var record = View(new RecordBuilder(layout).Comm(10, 11, "name"u8, isExec: true, Id));

        Assert.Equal(layout.Has(SampleFormat.PERF_SAMPLE_TIME) ? 3UL : 0, record.Time(layout));
        Assert.Equal(layout.TrailerId > 0 ? 4UL : 0, record.EventId(layout));
        Assert.Equal(24 + layout.TrailerSize, record.Bytes.Length);
        var comm = new CommView(record);
        Assert.Equal((10, 11, "name", true), (comm.Pid, comm.Tid, ByteReader.Text(comm.Name), comm.IsExec));
    }

    [Fact]
    public void Without_sample_id_all_there_is_no_trailer()
    {
        var layout = new EventLayout(new PerfEventAttr { sample_type = SampleFormat.PERF_SAMPLE_TIME });
        Assert.Equal(32, new RecordBuilder(layout).Exit(1, 2, 3, 4, 5, Id).Length);
    }

    [Fact]
    public void Names_of_threads_are_cut_as_the_kernel_cuts_them()
    {
        var comm = new CommView(View(Builder().Comm(1, 1, "a name of more than 15 bytes"u8)));
        Assert.Equal("a name of more ", ByteReader.Text(comm.Name));
    }

    [Fact]
    public void Mappings_have_a_build_id_or_device_and_inode()
    {
        var mapped = new MappedFile
        {
            Pid = 1, Tid = 2, Start = 0x1000, Length = 0x2000, FileOffset = 0x3000, Protection = MmapView.ProtExec, Flags = 2,
            DeviceMajor = 8, DeviceMinor = 1, Inode = 77, InodeGeneration = 3, FileName = "/bin/python3"u8,
        };
        var byInode = new MmapView(View(Builder().Mmap2(mapped, RecordMisc.PERF_RECORD_MISC_USER)));
        Assert.Equal((1, 2, 0x1000UL, 0x2000UL, 0x3000UL), (byInode.Pid, byInode.Tid, byInode.Start, byInode.Length, byInode.FileOffset));
        Assert.Equal((8U, 1U, 77UL, 3UL), (byInode.DeviceMajor, byInode.DeviceMinor, byInode.Inode, byInode.InodeGeneration));
        Assert.True(byInode.Executable);
        Assert.Equal("/bin/python3", ByteReader.Text(byInode.FileName));

        byte[] buildId = [.. Enumerable.Range(1, 20).Select(i => (byte)i)];
        var byBuildId = new MmapView(View(Builder().Mmap2(
            new MappedFile { Pid = 1, BuildId = buildId, Protection = MmapView.ProtExec, FileName = "x"u8 },
            RecordMisc.PERF_RECORD_MISC_USER)));
        Assert.Equal(buildId, byBuildId.BuildId.ToArray());
        Assert.Equal(0UL, byBuildId.Inode);
    }

    [Theory]
    [InlineData(8U)] // /dev/sda1: as a size, a build-id of 8 bytes
    [InlineData(254U)]
    [InlineData(20U << 8 | 20U)]
    public void A_build_id_flag_on_device_and_inode_is_not_believed(uint deviceMajor)
    {
        var mmap = new MmapView(View(Builder().Mmap2(
            new MappedFile { Pid = 1, DeviceMajor = deviceMajor, DeviceMinor = 1, Inode = 77, FileName = "x"u8 },
            RecordMisc.PERF_RECORD_MISC_USER | RecordMisc.PERF_RECORD_MISC_MMAP_BUILD_ID)));

        Assert.True(mmap.BuildId.IsEmpty);
        Assert.Equal((deviceMajor, 77UL), (mmap.DeviceMajor, mmap.Inode));
    }

    [Fact]
    public void A_kernel_mapping_has_the_kernels_mode()
    {
        var record = View(Builder().Mmap(
            new MappedFile { Pid = -1, Start = 0xffffffff81000000, FileName = "[kernel.kallsyms]_text"u8 },
            RecordMisc.PERF_RECORD_MISC_KERNEL));
        Assert.Equal(RecordMisc.PERF_RECORD_MISC_KERNEL, record.CpuMode);
        Assert.Equal(-1, new MmapView(record).Pid);
    }

    [Fact]
    public void Tasks_and_losses_read_back()
    {
        var builder = Builder();
        var fork = new TaskView(View(builder.Fork(1, 2, 3, 4, time: 5)));
        Assert.Equal((1, 2, 3, 4, 5UL), (fork.Pid, fork.ParentPid, fork.Tid, fork.ParentTid, fork.Time));
        Assert.Equal(9UL, new LostView(View(builder.Lost(eventId: 1, count: 9))).Count);
        Assert.Equal(8UL, new LostView(View(builder.LostSamples(count: 8))).Count);
    }

    [Fact]
    public void A_name_that_fits_into_no_record_is_refused()
    {
        Assert.Throws<ArgumentException>(() =>
            Builder().Mmap2(new MappedFile { FileName = new byte[70_000] }, RecordMisc.PERF_RECORD_MISC_USER).Length);
    }

    private static EventLayout Layout(SampleFormat sampleType) =>
        new(new PerfEventAttr { sample_type = sampleType, flags = AttrFlags.sample_id_all });

    private static RecordBuilder Builder() => new(Layout(PerfDataBuilder.DefaultSampleType));

    private static RecordView View(ReadOnlySpan<byte> record)
    {
        Assert.Equal(0, record.Length % 8);
        Assert.Equal(record.Length, BitConverter.ToUInt16(record[6..8]));
        return new RecordView(record, "test", 0);
    }
}
