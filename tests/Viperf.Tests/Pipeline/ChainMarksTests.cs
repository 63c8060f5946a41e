using Viperf.Core.Pipeline;
using Viperf.Core.Profiles;
using Viperf.Core.Unwinding;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.Pipeline;

public class ChainMarksTests
{
    private const ulong User = CallchainContext.PERF_CONTEXT_USER;

    [Fact]
    public void Every_end_is_read_as_it_was_written()
    {
        foreach (var end in Enum.GetValues<StackEnd>().Where(end => end <= StackEnd.Overload)) // others are the kernel's
        {
            foreach (bool isGuessed in new[] { false, true })
            {
                var chain = Chain(CallchainContext.PERF_CONTEXT_KERNEL, 0xffff_8000_0000_0001, User, 1, 2, User, 3);
                ulong[] before = [.. chain.Entries];
                ChainMarks.Add(chain, new UnwindResult(end, isGuessed, 5));
                Assert.Equal(before, chain.Entries[..before.Length].ToArray());
                Assert.InRange(chain.Count, before.Length, before.Length + ChainMarks.Most);
                var read = ChainMarks.Read(chain.Entries);
                Assert.Equal(end, read.End);
                Assert.Equal(isGuessed && end != StackEnd.Unknown, read.IsGuessed);
            }
        }
    }

    [Fact]
    public void Markers_that_announce_nothing_are_not_taken_for_marks()
    {
        var chain = Chain(User, 1, User, User);
        ChainMarks.Add(chain, new UnwindResult(StackEnd.Complete, false, 0));
        Assert.Equal([User, 1, User], chain.Entries.ToArray());
        Assert.Equal(StackEnd.Complete, ChainMarks.Read(chain.Entries).End);
    }

    [Fact]
    public void Other_chains_say_nothing()
    {
        Assert.Equal(default, ChainMarks.Read([]));
        Assert.Equal(default, ChainMarks.Read([User]));
        Assert.Equal(default, ChainMarks.Read([User, User, User]));
        Assert.Equal(default, ChainMarks.Read([User, 1, 2]));
        Assert.Equal(default, ChainMarks.Read([User, 1, CallchainContext.PERF_CONTEXT_KERNEL]));
        Assert.Equal(default, ChainMarks.Read([1, .. Enumerable.Repeat(User, ChainMarks.Most + 1)]));
        Assert.NotEqual(default, ChainMarks.Read([1, .. Enumerable.Repeat(User, ChainMarks.Most)]));
    }

    private static CallChain Chain(params ulong[] entries)
    {
        var chain = new CallChain();
        chain.Add(entries);
        return chain;
    }
}
