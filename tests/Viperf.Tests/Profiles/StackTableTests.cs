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
}
