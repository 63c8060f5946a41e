namespace Viperf.Formats.Jit;

/// <summary>
/// Finds the newest of the blocks that lay at an address at a time. A segment tree over the addresses at which blocks begin
/// or end: each block stands in the few nodes that together cover it, in the order of time. So a look-up costs a
/// logarithm whatever the blocks look like, also where thousands were loaded over each other.
/// </summary>
internal sealed class JitCodeMap
{
    /// <summary>Where blocks begin or end, ascending, each once. The tree's leaf <c>i</c> is the range from
    /// <c>_edges[i]</c> up to the next edge.</summary>
    private readonly ulong[] _edges;

    /// <summary>The blocks of node <c>i</c> are <c>_items[_first[i].._first[i + 1]]</c>. Node 1 is the root, node
    /// <c>i</c>'s parent is <c>i / 2</c>, leaf <c>i</c> is node <c>_edges.Length + i</c>.</summary>
    private readonly int[] _first;

    /// <summary>Places in the order of time: into <see cref="_blocks"/> and <see cref="_times"/>.</summary>
    private readonly int[] _items;

    /// <summary>Indexes of the blocks, from <see cref="First"/> on, in the order of time; of two at one time the later in the file comes later.</summary>
    private readonly int[] _blocks;
    private readonly ulong[] _times;

    /// <summary>Maps blocks.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="first">The index of the first of them.</param>
    public JitCodeMap(ReadOnlySpan<JitCodeBlock> blocks, int first = 0)
    {
        First = first;
        Count = blocks.Length;
        _times = new ulong[blocks.Length];
        _blocks = new int[blocks.Length];
        _edges = new ulong[2 * blocks.Length];
        for (int i = 0; i < blocks.Length; i++)
        {
            _times[i] = blocks[i].From;
            _blocks[i] = i;
            _edges[2 * i] = blocks[i].Start;
            _edges[2 * i + 1] = blocks[i].Start + blocks[i].Size;
        }

        SortByTime();
        Array.Sort(_edges);
        _edges = [.. _edges.AsSpan()[..Unique(_edges)]];

        _first = new int[2 * _edges.Length + 2];
        for (int place = 0; place < _blocks.Length; place++)
        {
            ref readonly var block = ref blocks[_blocks[place]];
            foreach (int node in new Cover(_edges, block))
            {
                _first[node + 2]++;
            }
        }

        for (int node = 2; node < _first.Length; node++)
        {
            _first[node] = checked(_first[node] + _first[node - 1]);
        }

        // _first[node + 1] is now where the node's items begin, and counts up to where they end.
        _items = new int[_first[^1]];
        for (int place = 0; place < _blocks.Length; place++)
        {
            ref readonly var block = ref blocks[_blocks[place]];
            foreach (int node in new Cover(_edges, block))
            {
                _items[_first[node + 1]++] = place;
            }
        }
    }

    /// <summary>Index of the first block that is mapped.</summary>
    public int First { get; }

    /// <summary>Number of blocks.</summary>
    public int Count { get; }

    /// <summary>The index of the block that was loaded last over an address, up to a time; negative if none was.</summary>
    /// <param name="address">Virtual address.</param>
    /// <param name="time">The time.</param>
    /// <param name="next">When the next block is loaded over the address; <see cref="ulong.MaxValue"/> if none is.</param>
    public int Find(ulong address, ulong time, out ulong next)
    {
        next = ulong.MaxValue;
        int leaf = Array.BinarySearch(_edges, address);
        leaf = leaf < 0 ? ~leaf - 1 : leaf;
        int best = -1;
        if (leaf >= 0)
        {
            for (int node = leaf + _edges.Length; node > 0; node /= 2)
            {
                best = Math.Max(best, Newest(node, time, ref next));
            }
        }

        return best < 0 ? -1 : First + _blocks[best];
    }

    /// <summary>The place of the last block of a node up to a time; negative if there is none. Lowers <paramref name="next"/>
    /// to the time of the node's first block after it.</summary>
    private int Newest(int node, ulong time, ref ulong next)
    {
        int low = _first[node];
        int high = _first[node + 1];
        while (low < high)
        {
            int middle = low + (high - low) / 2;
            if (_times[_items[middle]] <= time)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        if (low < _first[node + 1])
        {
            next = Math.Min(next, _times[_items[low]]);
        }

        return low == _first[node] ? -1 : _items[low - 1];
    }

    /// <summary>Sorts the blocks by time, those of one time by their place in the file.</summary>
    private void SortByTime()
    {
        Array.Sort(_times, _blocks);
        for (int first = 0, end; first < _times.Length; first = end)
        {
            for (end = first + 1; end < _times.Length && _times[end] == _times[first];)
            {
                end++;
            }

            Array.Sort(_blocks, first, end - first);
        }
    }

    /// <summary>Moves the distinct values of a sorted array to its front and returns how many they are.</summary>
    private static int Unique(ulong[] sorted)
    {
        int count = 0;
        foreach (ulong value in sorted)
        {
            if (count == 0 || value != sorted[count - 1])
            {
                sorted[count++] = value;
            }
        }

        return count;
    }

    /// <summary>The fewest nodes that together cover a block.</summary>
    private struct Cover(ulong[] edges, in JitCodeBlock block)
    {
        private int _low = Array.BinarySearch(edges, block.Start) + edges.Length;
        private int _high = Array.BinarySearch(edges, block.Start + block.Size) + edges.Length;

        public int Current { get; private set; }

        public readonly Cover GetEnumerator() => this;

        public bool MoveNext()
        {
            for (; _low < _high; _low /= 2, _high /= 2)
            {
                if (_low % 2 != 0)
                {
                    Current = _low++;
                    return true;
                }

                if (_high % 2 != 0)
                {
                    Current = --_high;
                    return true;
                }
            }

            return false;
        }
    }
}
