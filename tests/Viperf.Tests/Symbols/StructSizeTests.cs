using System.Runtime.CompilerServices;
using Viperf.Core.Linux;
using Viperf.Core.Symbols;
using Xunit;

namespace Viperf.Tests.Symbols;

public class StructSizeTests
{
    [Fact]
    public void A_symbol_takes_32_bytes_since_a_kernel_has_a_hundred_thousand() => Assert.Equal(32, Unsafe.SizeOf<Symbol>());

    [Fact]
    public void Statx_has_the_kernels_size_so_that_it_writes_into_our_memory_alone() =>
        Assert.Equal(256, Unsafe.SizeOf<NoFollowFile.Statx>());
}
