using Viperf.Formats.Dwarf;
using Xunit;

namespace Viperf.Tests.Dwarf;

public class RangeMapTests
{
    [Fact]
    public void The_innermost_stretch_is_found_and_outside_is_none()
    {
        var map = Map((10, 100, 0), (20, 50, 1), (30, 40, 2), (60, 70, 3));

        Assert.Equal([-1, 0, 0, 1, 1, 2, 2, 1, 1, 0, 3, 0, 0, -1], Find(map, 9, 10, 19, 20, 29, 30, 39, 40, 49, 50, 60, 70, 99, 100));
    }

    [Fact]
    public void Of_equal_stretches_the_greater_value_is_inside()
    {
        var map = Map((10, 20, 1), (10, 20, 2), (10, 20, 0));

        Assert.Equal([2, 2, -1], Find(map, 10, 19, 20));
    }

    [Fact]
    public void Stretches_that_overlap_without_lying_in_one_another_end_where_they_end()
    {
        var map = Map((10, 30, 0), (20, 40, 1), (25, 28, 2));

        Assert.Equal([0, 1, 2, 1, 1, 1, -1], Find(map, 19, 24, 27, 28, 30, 39, 40));
    }

    [Fact]
    public void Nothing_lies_at_address_0_in_empty_stretches_or_in_those_that_end_before_they_begin()
    {
        var map = Map((0, 100, 0), (50, 50, 1), (60, 40, 2), (ulong.MaxValue - 3, ulong.MaxValue, 3));

        Assert.Equal([-1, -1, -1, 3, -1], Find(map, 0, 50, 45, ulong.MaxValue - 1, ulong.MaxValue));
        Assert.Equal([-1], Find(Map(), 7));
    }

    [Fact]
    public void Any_stretches_are_found_as_a_search_through_all_of_them_finds_them()
    {
        var random = new Random(20261128);
        for (int round = 0; round < 300; round++)
        {
            // Stretches that lie in one another, as functions and what was inlined into them do.
            List<(ulong Low, ulong High, int Value)> ranges = [];
            Nest(1, 200);
            var map = Map([.. ranges.OrderBy(_ => random.Next())]);
            for (ulong address = 0; address < 202; address++)
            {
                int expected = ranges.Where(range => range.Low <= address && address < range.High)
                    .OrderBy(static range => range.High - range.Low).ThenByDescending(static range => range.Value)
                    .Select(static range => range.Value).FirstOrDefault(RangeMap.None);
                Assert.Equal(expected, map.Find(address));
            }

            void Nest(int low, int high)
            {
                while (low < high && ranges.Count < 40)
                {
                    int start = random.Next(low, high);
                    int end = random.Next(start + 1, high + 1);
                    ranges.Add(((ulong)start, (ulong)end, ranges.Count));
                    Nest(start, end);
                    low = end + random.Next(3);
                }
            }
        }
    }

    private static RangeMap Map(params (ulong Low, ulong High, int Value)[] ranges)
    {
        var builder = new RangeMapBuilder();
        foreach (var (low, high, value) in ranges)
        {
            builder.Value = value;
            builder.Add(low, high);
        }

        return builder.Build();
    }

    private static int[] Find(RangeMap map, params ulong[] addresses) => [.. addresses.Select(map.Find)];
}
