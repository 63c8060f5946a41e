using Viperf.Core.Profiles;

namespace Viperf.Core.Export;

/// <summary>One box of a flame graph.</summary>
/// <param name="Parent">Index of the box that it hangs from; -1 for the one of everything.</param>
/// <param name="Function">Index in <see cref="ExportSource.Functions"/>; of threads' names and of everything
/// <see cref="NoFunction"/>.</param>
/// <param name="Name">What stands on it.</param>
/// <param name="Depth">How many it hangs from.</param>
internal readonly record struct FlameBox(int Parent, int Function, string Name, int Depth)
{
    /// <summary>Stands for none in <see cref="Function"/>.</summary>
    public const int NoFunction = -1;

    /// <summary>Periods of the samples in it: its width.</summary>
    public ulong Period { get; init; }

    /// <summary>Samples in it.</summary>
    public ulong Samples { get; init; }

    /// <summary>Periods of what is to its left.</summary>
    public ulong Left { get; init; }
}

/// <summary>
/// The boxes of a flame graph: one for all samples, under it one for each name of threads if there are several, under those the
/// functions. What hangs from one box stands in the order of its width, the widest first.
/// </summary>
internal sealed class FlameTree
{
    private readonly ExportSource _source;
    private readonly FlameBox[] _boxes;

    /// <summary>The boxes in the order in which they are met from top to bottom and from left to right.</summary>
    private readonly int[] _order;

    /// <summary>Puts a profile's samples into boxes.</summary>
    public FlameTree(ExportSource source)
    {
        _source = source;
        var comms = source.Rows.Select(row => source.Profile.Samples.KeyOf(row).Comm).Distinct().ToHashSet();
        var functions = new FunctionStacks(source);
        var stacks = new StackTable();
        var sums = new List<(ulong Period, ulong Samples)>();
        ulong total = 0;
        var path = new List<int>();
        foreach (int row in source.Rows)
        {
            var key = source.Profile.Samples.KeyOf(row);
            path.Clear();
            for (int at = functions.Of(key.Stack); at != StackTable.Empty; at = functions.Stacks.ParentOf(at))
            {
                path.Add(functions.Stacks.FrameOf(at));
            }

            if (comms.Count > 1)
            {
                path.Add(~key.Comm); // functions are not negative
            }

            ulong period = source.Profile.Samples.PeriodOf(row);
            total += period;
            int stack = StackTable.Empty;
            for (int depth = path.Count - 1; depth >= 0; depth--)
            {
                stack = stacks.Intern(stack, path[depth]);
                while (sums.Count <= stack)
                {
                    sums.Add(default);
                }

                sums[stack] = (sums[stack].Period + period, sums[stack].Samples + source.Profile.Samples.SamplesOf(row));
            }
        }

        _boxes = new FlameBox[stacks.Count + 1];
        _boxes[0] = new FlameBox(Parent: -1, FlameBox.NoFunction, "all", Depth: 0) { Period = total, Samples = source.TotalSamples };
        for (int stack = 0; stack < stacks.Count; stack++)
        {
            int parent = stacks.ParentOf(stack) + 1; // Empty is everything
            int frame = stacks.FrameOf(stack);
            _boxes[stack + 1] = new FlameBox(
                parent,
                frame < 0 ? FlameBox.NoFunction : frame,
                frame < 0 ? source.Profile.Comms[~frame] : source.Functions[frame].Title,
                _boxes[parent].Depth + 1)
            {
                Period = sums[stack].Period,
                Samples = sums[stack].Samples,
            };
        }

        _order = Arrange();
    }

    /// <summary>The box of everything.</summary>
    public ref readonly FlameBox All => ref _boxes[0];

    /// <summary>Number of boxes.</summary>
    public int Count => _boxes.Length;

    /// <summary>The boxes from top to bottom and from left to right: each is followed by what hangs from it.</summary>
    public IEnumerable<FlameBox> Boxes => _order.Select(index => _boxes[index]);

    /// <summary>What kind of code a box is; null if it is none.</summary>
    public FrameKind? KindOf(in FlameBox box) =>
        box.Function == FlameBox.NoFunction ? null : _source.Functions[box.Function].Kind;

    /// <summary>Gives each box its place, and returns their order.</summary>
    private int[] Arrange()
    {
        // a box has a larger index than what it hangs from, so that one has its place already
        int[] siblings = [.. Enumerable.Range(1, _boxes.Length - 1)];
        Array.Sort(siblings, (one, other) =>
            _boxes[one].Parent != _boxes[other].Parent ? _boxes[one].Parent.CompareTo(_boxes[other].Parent)
            : _boxes[one].Period != _boxes[other].Period ? _boxes[other].Period.CompareTo(_boxes[one].Period)
            : string.CompareOrdinal(_boxes[one].Name, _boxes[other].Name));
        ulong[] used = new ulong[_boxes.Length];
        int[] first = new int[_boxes.Length];
        int[] counts = new int[_boxes.Length];
        for (int at = 0; at < siblings.Length; at++)
        {
            ref var box = ref _boxes[siblings[at]];
            if (counts[box.Parent]++ == 0)
            {
                first[box.Parent] = at;
            }

            box = box with { Left = _boxes[box.Parent].Left + used[box.Parent] };
            used[box.Parent] += box.Period;
        }

        var order = new List<int>(_boxes.Length);
        var next = new Stack<int>([0]);
        while (next.TryPop(out int index))
        {
            order.Add(index);
            for (int child = counts[index] - 1; child >= 0; child--)
            {
                next.Push(siblings[first[index] + child]);
            }
        }

        return [.. order];
    }
}
