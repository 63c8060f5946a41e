namespace Viperf.Agent.Linux;

/// <summary>
/// Tells which memory can be read, for one walk along pointers that may be garbage. Each page is asked for once, also one that is
/// not there, which costs the kernel most: memory that the interrupted thread itself uses stays where it is for as long.
/// </summary>
internal unsafe struct ReadableMemory
{
    private const int PageBits = 12; // of the smallest page
    private const int SlotBits = 6;
    private const int Slots = 1 << SlotBits;

    /// <summary>The page that was asked for last of those that share a slot; its complement if it cannot be read.</summary>
    private fixed ulong _pages[Slots];
    private ulong _last;

    /// <summary>True if all bytes can be read.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="count">How many; no more than a page.</param>
    public bool Contains(void* first, int count)
    {
        ulong page = (ulong)first >> PageBits;
        ulong last = ((ulong)first + (ulong)count - 1) >> PageBits;
        return (page == _last || ContainsPage(page)) && (page == last || ContainsPage(last));
    }

    private bool ContainsPage(ulong page)
    {
        if (page == 0)
        {
            return false;
        }

        ref ulong slot = ref _pages[(page ^ (page >> SlotBits)) & (Slots - 1)];
        if (slot == ~page)
        {
            return false;
        }

        if (slot != page && !Syscall.IsReadable((void*)(page << PageBits)))
        {
            slot = ~page;
            return false;
        }

        slot = page;
        _last = page;
        return true;
    }
}
