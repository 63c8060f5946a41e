using System.Runtime.CompilerServices;
using Viperf.Core.Profiles;
using Viperf.Core.Unwinding;
using Viperf.Formats.Elf;
using Viperf.Formats.PerfData;
using Xunit;
using static Viperf.Tests.Unwinding.X64Code;

namespace Viperf.Tests.Unwinding;

public class RuleCacheTests
{
    [Fact]
    public void A_slot_takes_32_bytes_two_to_a_cache_line() => Assert.Equal(32, Unsafe.SizeOf<Step>());

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_same_stack_again_takes_every_step_from_the_cache_and_allocates_nothing(bool byRows)
    {
        var code = Code(byRows);
        var unwinder = StackUnwinder.For(ElfMachine.EM_X86_64)!;
        var frames = Frames();
        byte[] record = frames.Record();
        var chain = new CallChain();
        var layout = frames.Event.Layout;
        for (int i = 0; i < 100; i++)
        {
            Unwind(); // until the code is compiled in full
        }

        ulong hits = unwinder.Cache.Hits;
        Assert.Equal(4UL, unwinder.Cache.Misses);
        // What unwinding allocates it allocates in every round; what the runtime does once (collecting, compiling) is not its own.
        const int Rounds = 5;
        long least = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                Unwind();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        Assert.Equal(
            (Rounds * 400UL, 4UL, 0UL, 0UL),
            (unwinder.Cache.Hits - hits, unwinder.Cache.Misses, unwinder.Cache.Collisions, unwinder.Cache.Outdated));

        void Unwind()
        {
            chain.Clear();
            unwinder.Unwind(code, new SampleView(new RecordView(record, "snapshot", 0), layout).UserState(), chain);
        }
    }

    [Fact]
    public void After_a_change_of_what_lies_where_everything_is_looked_up_anew()
    {
        var code = Code();
        var unwinder = StackUnwinder.For(ElfMachine.EM_X86_64)!;
        Frames().Unwind(code, unwinder: unwinder);
        code.Generation = 2;
        int lookups = code.Lookups;
        var found = Frames().Unwind(code, unwinder: unwinder);
        Assert.Equal(StackEnd.Complete, found.End);
        Assert.Equal(lookups + 4, code.Lookups);
        Assert.Equal(0UL, unwinder.Cache.Hits);
        code.Generation = 1;
        found = Frames().Unwind(code, unwinder: unwinder);
        Assert.Equal(FramesFound, found.Addresses);
    }

    [Fact]
    public void What_may_change_unnoticed_is_not_kept()
    {
        var code = new FakeCode().Region(Leaf, End, Table(), isLasting: false);
        var unwinder = StackUnwinder.For(ElfMachine.EM_X86_64)!;
        Frames().Unwind(code, unwinder: unwinder);
        Frames().Unwind(code, unwinder: unwinder);
        Assert.Equal((0UL, 8UL), (unwinder.Cache.Hits, unwinder.Cache.Misses));
    }

    [Fact]
    public void Addresses_that_share_a_slot_take_it_from_one_another_and_are_right_all_the_same()
    {
        var code = new FakeCode().Region(0, Leaf, Table()).Region(Leaf, End, Table());
        var unwinder = StackUnwinder.For(ElfMachine.EM_X86_64)!;
        for (int round = 0; round < 2; round++)
        {
            for (ulong offset = 0; offset < 0x100; offset++)
            {
                Assert.Equal([Leaf + offset, Start + offset + 1], Snapshot.X64(Leaf + offset, Stack).Words(Start + offset + 1).Unwind(code, unwinder: unwinder).Addresses);
            }
        }

        var cache = unwinder.Cache;
        Assert.Equal(1024UL, cache.Hits + cache.Misses + cache.Collisions + cache.Outdated);
        Assert.True(cache.Hits > 400);
    }
}
