using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.PerfData;

public class LayoutTests
{
    [Fact]
    public void Structs_have_the_sizes_and_offsets_of_the_kernels_header()
    {
        Assert.Equal(8, Unsafe.SizeOf<RecordHeader>());
        Assert.Equal(136, Unsafe.SizeOf<PerfEventAttr>());
        Assert.Equal(40, Offset(nameof(PerfEventAttr.flags)));
        Assert.Equal(72, Offset(nameof(PerfEventAttr.branch_sample_type)));
        Assert.Equal(92, Offset(nameof(PerfEventAttr.clockid)));
        Assert.Equal(108, Offset(nameof(PerfEventAttr.sample_max_stack)));
        Assert.Equal(128, Offset(nameof(PerfEventAttr.config3)));

        static int Offset(string field) => (int)Marshal.OffsetOf<PerfEventAttr>(field);
    }

    [Fact]
    public void Bits_of_the_attr_are_those_of_the_kernels_header()
    {
        Assert.Equal(1UL << 18, (ulong)AttrFlags.sample_id_all);
        Assert.Equal(1UL << 25, (ulong)AttrFlags.use_clockid);
        Assert.Equal(1UL << 34, (ulong)AttrFlags.build_id);
        Assert.Equal(1UL << 37, (ulong)AttrFlags.sigtrap);
    }
}
