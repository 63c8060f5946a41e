using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.PerfData;

public class EventNamesTests
{
    [Theory]
    [InlineData(PerfEventKind.PERF_TYPE_HARDWARE, 1UL, AttrFlags.exclude_kernel | AttrFlags.exclude_hv, "instructions:u")]
    [InlineData(PerfEventKind.PERF_TYPE_HARDWARE, 9UL, 0, "ref-cycles:HG")]
    [InlineData(PerfEventKind.PERF_TYPE_SOFTWARE, 9UL, AttrFlags.exclude_guest, "dummy")]
    [InlineData(PerfEventKind.PERF_TYPE_HW_CACHE, 0x10002UL, AttrFlags.exclude_kernel, "LLC-load-misses:uh")]
    [InlineData(PerfEventKind.PERF_TYPE_HW_CACHE, 0x200UL, AttrFlags.exclude_kernel | AttrFlags.exclude_hv, "L1-dcache-prefetches:u")]
    [InlineData(PerfEventKind.PERF_TYPE_RAW, 0x1c2UL, AttrFlags.precise_ip, "raw 0x1c2:ppp")]
    [InlineData((PerfEventKind)9, 0UL, 0, "unknown attr type: 9")]
    public void Events_without_a_name_get_the_one_that_perf_makes(PerfEventKind kind, ulong config, AttrFlags flags, string name) =>
        Assert.Equal(name, EventNames.Of(new PerfEventAttr { type = kind, config = config, flags = flags }));
}
