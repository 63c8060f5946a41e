namespace Viperf.Core.Processes;

/// <summary>
/// What lies where in one address space at the present moment of the recording. Mappings never overlap: a new one
/// cuts away what it covers, as mmap does.
/// </summary>
public sealed class AddressSpace
{
    /// <summary>Jitdumps that are remembered of one process: every fork in its ancestry adds one at most.</summary>
    private const int MaximumJitDumps = 32;

    /// <summary>The number that the last change of any address space got.</summary>
    private static uint s_lastGeneration;

    /// <summary>Sorted by start; no two overlap.</summary>
    private List<Mapping> _mappings = [];

    /// <summary>True if another address space may have the same list: it is copied before it changes.</summary>
    private bool _isShared;

    /// <summary>Where the last look-up ended: the next one is often near.</summary>
    private int _lastHit;

    /// <summary>Never changed in place: a forked copy may have the same.</summary>
    private MappedJitDump[] _jitDumps = [];

    /// <summary>
    /// Another number after every change; address spaces share one only as long as they have the same mappings. Never 0.
    /// </summary>
    public uint Generation { get; private set; } = NextGeneration();

    /// <summary>Number of mappings.</summary>
    public int Count => _mappings.Count;

    /// <summary>The mapping at a position in order of addresses.</summary>
    public Mapping this[int index] => _mappings[index];

    /// <summary>Adds a mapping over whatever was there.</summary>
    public void Map(Mapping mapping)
    {
        if (_isShared)
        {
            _mappings = [.. _mappings];
            _isShared = false;
        }

        Touch();
        Unmap(mapping.Start, mapping.End);
        _mappings.Insert(FirstEndingAfter(mapping.Start), mapping);
    }

    /// <summary>
    /// The jitdumps that tell of its code, to be asked in this order: its process's own, then those of the processes that
    /// it was forked from, the parent's before the grandparent's.
    /// </summary>
    public ReadOnlySpan<MappedJitDump> JitDumps => _jitDumps;

    /// <summary>Takes note of a jitdump.</summary>
    /// <param name="module">Index in the profile's module table.</param>
    /// <param name="isOwn">False if it may be another process's whose mapping was inherited. A recorder that comes later
    /// finds both and cannot tell when the fork was.</param>
    public void AddJitDump(int module, bool isOwn)
    {
        var dump = new MappedJitDump(module, ulong.MaxValue);
        if (_jitDumps.Contains(dump))
        {
            return;
        }

        Touch();
        int place = isOwn ? 0 : _jitDumps.TakeWhile(other => other.Until == ulong.MaxValue).Count();
        _jitDumps = [.. _jitDumps[..place], dump, .. _jitDumps[place..]];
        if (_jitDumps.Length > MaximumJitDumps)
        {
            _jitDumps = _jitDumps[..MaximumJitDumps];
        }
    }

    /// <summary>
    /// A copy, as fork makes one. It costs next to nothing before one of the two changes: most children execute something.
    /// </summary>
    /// <param name="time">When it was: what the parent's jitdump tells of later is not in the copy.</param>
    public AddressSpace Fork(ulong time)
    {
        _isShared = true;
        return new AddressSpace
        {
            _mappings = _mappings,
            _isShared = true,
            Generation = _jitDumps.Length == 0 ? Generation : NextGeneration(),
            _jitDumps = _jitDumps.Length == 0 ? [] : [.. _jitDumps.Select(dump => dump with { Until = Math.Min(dump.Until, time) })],
        };
    }

    /// <summary>Finds what lies at <paramref name="address"/>. Allocates nothing.</summary>
    public bool TryFind(ulong address, out Mapping mapping)
    {
        if (_lastHit < _mappings.Count && _mappings[_lastHit] is var last && address - last.Start < last.End - last.Start)
        {
            mapping = last;
            return true;
        }

        int index = FirstEndingAfter(address);
        if (index < _mappings.Count && _mappings[index].Start <= address)
        {
            _lastHit = index;
            mapping = _mappings[index];
            return true;
        }

        mapping = default;
        return false;
    }

    /// <summary>What lies in the mappings has changed, though they have not.</summary>
    public void Touch() => Generation = NextGeneration();

    private static uint NextGeneration()
    {
        uint next = Interlocked.Increment(ref s_lastGeneration);
        return next != 0 ? next : Interlocked.Increment(ref s_lastGeneration);
    }

    private void Unmap(ulong start, ulong end)
    {
        int index = FirstEndingAfter(start);
        while (index < _mappings.Count && _mappings[index].Start < end)
        {
            var old = _mappings[index];
            _mappings.RemoveAt(index);
            if (old.Start < start)
            {
                _mappings.Insert(index++, old with { End = start });
            }

            if (old.End > end)
            {
                _mappings.Insert(index, old with { Start = end });
                return;
            }
        }
    }

    /// <summary>Index of the first mapping whose end is above <paramref name="address"/>.</summary>
    private int FirstEndingAfter(ulong address)
    {
        int low = 0;
        int high = _mappings.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_mappings[middle].End > address)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}
