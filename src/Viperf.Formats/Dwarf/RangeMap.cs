using System.Runtime.InteropServices;

namespace Viperf.Formats.Dwarf;

/// <summary>Stretches of addresses that lie in one another, made flat: which is the innermost one at an address.</summary>
internal sealed class RangeMap
{
    /// <summary>What <see cref="Find"/> returns where no stretch lies.</summary>
    public const int None = -1;

    /// <summary>Ascending: the addresses from which another stretch is the innermost.</summary>
    private readonly ulong[] _starts;

    /// <summary>By the same index: the stretch's value, or <see cref="None"/>.</summary>
    private readonly int[] _values;

    public RangeMap(ulong[] starts, int[] values) => (_starts, _values) = (starts, values);

    /// <summary>The value of the innermost stretch that an address lies in, or <see cref="None"/>.</summary>
    public int Find(ulong address)
    {
        int index = Array.BinarySearch(_starts, address);
        index = index < 0 ? ~index - 1 : index;
        return index < 0 ? None : _values[index];
    }
}

/// <summary>Collects stretches of addresses for a <see cref="RangeMap"/>.</summary>
internal sealed class RangeMapBuilder
{
    private readonly List<(ulong Low, ulong High, int Value)> _ranges = [];

    /// <summary>The value of the stretches that are added next. Where two are equally long, the greater value is the inner one.</summary>
    public int Value { get; set; }

    /// <summary>Number of stretches so far.</summary>
    public int Count => _ranges.Count;

    /// <summary>
    /// Adds a stretch. Those at address 0 are left out, and those that end beyond the last address: linkers put there what
    /// belongs to functions that they removed.
    /// </summary>
    /// <param name="low">The first address.</param>
    /// <param name="high">The first one behind it.</param>
    public void Add(ulong low, ulong high)
    {
        if (low != 0 && low < high)
        {
            _ranges.Add((low, high, Value));
        }
    }

    /// <summary>Makes the map: one walk through the stretches in order of their starts.</summary>
    public RangeMap Build()
    {
        CollectionsMarshal.AsSpan(_ranges).Sort(static (x, y) =>
            x.Low != y.Low ? x.Low.CompareTo(y.Low)
            : x.High != y.High ? y.High.CompareTo(x.High)
            : x.Value.CompareTo(y.Value));
        var starts = new List<ulong>(_ranges.Count * 2);
        var values = new List<int>(_ranges.Count * 2);
        var open = new Stack<(ulong High, int Value)>();
        foreach (var (low, high, value) in _ranges)
        {
            Close(low);
            open.Push((high, value));
            Begin(low, value);
        }

        Close(ulong.MaxValue);
        return new RangeMap([.. starts], [.. values]);

        // Ends what ends at or before an address; what lay around it is the innermost again, if it reaches further.
        void Close(ulong address)
        {
            while (open.TryPeek(out var inner) && inner.High <= address)
            {
                open.Pop();
                while (open.TryPeek(out var outer) && outer.High <= inner.High)
                {
                    open.Pop();
                }

                Begin(inner.High, open.TryPeek(out var around) ? around.Value : RangeMap.None);
            }
        }

        void Begin(ulong address, int value)
        {
            if (starts.Count != 0 && starts[^1] == address)
            {
                values[^1] = value;
                return;
            }

            starts.Add(address);
            values.Add(value);
        }
    }
}
