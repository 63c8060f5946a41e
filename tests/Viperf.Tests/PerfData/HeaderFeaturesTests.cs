using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.PerfData;

public class HeaderFeaturesTests
{
    [Fact]
    public void Topologies_and_clocks_that_were_written_read_back()
    {
        var writer = new FeatureWriter();
        writer.SetCpuCount(available: 2, online: 2);
        writer.SetCpuTopology(new CpuTopology(["0-1"], ["0", "1"], ["0-1"], [new CpuPlace(0, 1, 2), new CpuPlace(3, 4, 5)]));
        writer.SetNumaTopology([new NumaNode(0, 100, 50, "0-1"), new NumaNode(1, 200, 60, "2")]);
        writer.SetCaches([new CpuCache(1, 64, 64, 8, "Data", "32K", "0")]);
        writer.SetMemoryTopology(new MemoryTopology(0x8000000, [new MemoryNode(0, 70, [ulong.MaxValue, 0x3f])]));
        writer.SetClockResolution(1);
        writer.SetClockData(new ClockData(1, 22, 33));
        writer.SetPmuMappings([new PmuMapping(1, "software"), new PmuMapping(9, "msr")]);

        var features = Read(writer);
        Assert.Equal(["0-1"], features.CpuTopology!.CoreSiblings);
        Assert.Equal(["0", "1"], features.CpuTopology.ThreadSiblings);
        Assert.Equal(["0-1"], features.CpuTopology.DieSiblings);
        Assert.Equal([new CpuPlace(0, 1, 2), new CpuPlace(3, 4, 5)], features.CpuTopology.Cpus);
        Assert.Equal([new NumaNode(0, 100, 50, "0-1"), new NumaNode(1, 200, 60, "2")], features.NumaNodes);
        Assert.Equal([new CpuCache(1, 64, 64, 8, "Data", "32K", "0")], features.Caches);
        var node = Assert.Single(features.MemoryTopology!.Nodes);
        Assert.Equal((0UL, 70UL, 0x3fUL), (node.Node, node.BlockCount, node.Blocks[1]));
        Assert.Equal(0x8000000UL, features.MemoryTopology.BlockBytes);
        Assert.Equal(1UL, features.ClockResolution);
        Assert.Equal(new ClockData(1, 22, 33), features.ClockData);
        Assert.Equal([new PmuMapping(1, "software"), new PmuMapping(9, "msr")], features.PmuMappings);
    }

    [Fact]
    public void Features_that_only_perf_writes_are_read()
    {
        using var reader = new PerfDataBuilder().Event().Sample(time: 1)
            .Feature(HeaderFeature.GROUP_DESC, [.. UInt32(1), .. Text("group"), .. UInt32(2), .. UInt32(3)])
            .Feature(HeaderFeature.HYBRID_TOPOLOGY, [.. UInt32(1), .. Text("cpu_core"), .. Text("0-7")])
            .Feature(HeaderFeature.CPU_PMU_CAPS, [.. UInt32(1), .. Text("branches"), .. Text("32")])
            .Feature(HeaderFeature.PMU_CAPS, [.. UInt32(1), .. UInt32(1), .. Text("caps"), .. Text("x"), .. Text("ibs_op")])
            .Feature(HeaderFeature.COMPRESSED, [.. UInt32(0), .. UInt32(1), .. UInt32(3), .. UInt32(7), .. UInt32(4096)])
            .Feature(HeaderFeature.DIR_FORMAT, BitConverter.GetBytes(1UL))
            .Feature((HeaderFeature)200, 1, 2, 3)
            .OpenFile();
        Assert.Empty(reader.Warnings);
        var features = reader.Features;
        Assert.Equal(new EventGroup("group", 2, 3), Assert.Single(features.EventGroups));
        Assert.Equal(new HybridPmu("cpu_core", "0-7"), Assert.Single(features.HybridPmus));
        Assert.Equal(["branches=32"], features.CpuPmuCapabilities!.Capabilities);
        var pmu = Assert.Single(features.PmuCapabilities);
        Assert.Equal("ibs_op", pmu.Pmu);
        Assert.Equal(["caps=x"], pmu.Capabilities);
        Assert.Equal(new CompressionNote(1, 3, 7, 4096), features.Compression);
        Assert.Equal(1UL, features.DirectoryVersion);
        Assert.Contains((HeaderFeature)200, features.Present);
    }

    [Fact]
    public void Counts_that_have_no_room_are_refused_before_anything_is_allocated()
    {
        byte[] many = [.. UInt32(1), .. UInt32(uint.MaxValue), .. UInt32(uint.MaxValue), .. UInt32(uint.MaxValue)];
        HeaderFeature[] counted =
        [
            HeaderFeature.CMDLINE, HeaderFeature.EVENT_DESC, HeaderFeature.CPU_TOPOLOGY, HeaderFeature.NUMA_TOPOLOGY,
            HeaderFeature.PMU_MAPPINGS, HeaderFeature.GROUP_DESC, HeaderFeature.CACHE, HeaderFeature.MEM_TOPOLOGY,
            HeaderFeature.CPU_PMU_CAPS, HeaderFeature.HYBRID_TOPOLOGY, HeaderFeature.PMU_CAPS,
        ];
        var builder = new PerfDataBuilder().Event().Sample(time: 1);
        foreach (var feature in counted)
        {
            builder.Feature(feature, many);
        }

        using var reader = builder.OpenFile();
        Assert.Equal(counted.Length, reader.Warnings.Count);
        Assert.Equal(counted, reader.Features.Present);
    }

    [Fact]
    public void A_build_id_without_a_size_is_20_bytes_long()
    {
        byte[] entry = [0, 0, 0, 0, 2, 0, 44, 0, .. UInt32(uint.MaxValue), .. Enumerable.Repeat((byte)7, 24), .. "/bin/x\0\0"u8];
        using var reader = new PerfDataBuilder().Event().Sample(time: 1).Feature(HeaderFeature.BUILD_ID, entry).OpenFile();
        Assert.Equal(20, Assert.Single(reader.Features.BuildIds).BuildId.Length);
    }

    private static byte[] UInt32(uint value) => BitConverter.GetBytes(value);

    private static byte[] Text(string text) => [.. UInt32((uint)text.Length + 1), .. System.Text.Encoding.UTF8.GetBytes(text), 0];

    private static HeaderFeatures Read(FeatureWriter writer)
    {
        var builder = new PerfDataBuilder().Event().Sample(time: 1);
        foreach (var (feature, bytes) in writer.Sections)
        {
            builder.Feature(feature, bytes.ToArray());
        }

        using var reader = builder.OpenFile();
        Assert.Empty(reader.Warnings);
        return reader.Features;
    }
}
