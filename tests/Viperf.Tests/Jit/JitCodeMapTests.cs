using Viperf.Formats.Jit;
using Xunit;

namespace Viperf.Tests.Jit;

public class JitCodeMapTests
{
    [Fact]
    public void Any_blocks_are_found_as_a_search_through_all_finds_them()
    {
        var random = new Random(20260804);
        int hits = 0;
        for (int round = 0; round < 300; round++)
        {
            var blocks = new JitCodeBlock[random.Next(40)];
            for (int i = 0; i < blocks.Length; i++)
            {
                blocks[i] = new JitCodeBlock
                {
                    Start = (ulong)random.Next(100),
                    Size = (uint)random.Next(1, random.Next(2, 60)),
                    From = (ulong)random.Next(20),
                };
            }

            var map = new JitCodeMap(blocks, first: 1000);
            for (ulong address = 0; address < 165; address++)
            {
                for (ulong time = 0; time < 21; time += 4)
                {
                    int expected = Search(blocks, address, time);
                    hits += expected < 0 ? 0 : 1;
                    Assert.Equal(expected < 0 ? -1 : expected + 1000, map.Find(address, time, out ulong next));
                    Assert.Equal(Next(blocks, address, time), next);
                }
            }
        }

        Assert.NotEqual(0, hits);
    }

    [Fact]
    public void The_last_address_of_all_is_found()
    {
        var map = new JitCodeMap([new JitCodeBlock { Start = ulong.MaxValue - 8, Size = 8 }]);
        Assert.Equal(0, map.Find(ulong.MaxValue - 1, 0, out _));
        Assert.Equal(-1, map.Find(ulong.MaxValue, 0, out _));
    }

    private static ulong Next(JitCodeBlock[] blocks, ulong address, ulong time) => blocks
        .Where(block => block.Contains(address) && block.From > time)
        .Select(block => block.From)
        .DefaultIfEmpty(ulong.MaxValue)
        .Min();

    private static int Search(JitCodeBlock[] blocks, ulong address, ulong time)
    {
        int best = -1;
        for (int i = 0; i < blocks.Length; i++)
        {
            if (blocks[i].Contains(address) && blocks[i].From <= time && (best < 0 || blocks[i].From >= blocks[best].From))
            {
                best = i;
            }
        }

        return best;
    }
}
