using Viperf.Core.Profiles;
using Xunit;

namespace Viperf.Tests.Profiles;

public class StackTableTests
{
    [Fact]
    public void Equal_stacks_are_one_row_and_share_their_callers()
    {
        var stacks = new StackTable();
        int main = stacks.Intern(StackTable.Empty, frame: 1);
        int a = stacks.Intern(main, frame: 2);
        int b = stacks.Intern(main, frame: 3);

        Assert.Equal(a, stacks.Intern(stacks.Intern(StackTable.Empty, 1), 2));
        Assert.NotEqual(a, b);
        Assert.Equal(main, stacks.ParentOf(b));
        Assert.Equal(3, stacks.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Stacks_of_any_shape_are_those_that_their_frames_make_one_by_one(int seed)
    {
        var random = new Random(seed);
        var stacks = new StackTable();
        Dictionary<string, int> known = [];
        var frames = new List<int>();
        for (int i = 0; i < 20_000; i++)
        {
            // Leaf first: mostly another leaf on the same callers, now and then an altogether different stack.
            frames.RemoveRange(0, random.Next(Math.Min(frames.Count, 6) + 1));
            frames = random.Next(50) == 0 ? [] : frames;
            for (int more = random.Next(6); more > 0; more--)
            {
                frames.Insert(0, random.Next(20));
            }

            int stack = stacks.Intern([.. frames]);
            Assert.Equal(stack, known.GetValueOrDefault(string.Join(',', frames), stack));
            known[string.Join(',', frames)] = stack;
            List<int> read = [];
            for (int at = stack; at != StackTable.Empty; at = stacks.ParentOf(at))
            {
                Assert.True(stacks.ParentOf(at) < at);
                read.Add(stacks.FrameOf(at));
            }

            Assert.Equal(frames, read);
        }

        Assert.Equal(known.Count, known.Values.Distinct().Count());
        Assert.True(stacks.Count > 4096, "the table grew");
    }

    [Fact]
    public void A_stack_without_frames_is_the_empty_one()
    {
        var stacks = new StackTable();
        stacks.Intern([1, 2]);
        Assert.Equal(StackTable.Empty, stacks.Intern([]));
        Assert.Equal(2, stacks.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => stacks.ParentOf(StackTable.Empty));
        Assert.Throws<ArgumentOutOfRangeException>(() => stacks.FrameOf(2));
    }
}
