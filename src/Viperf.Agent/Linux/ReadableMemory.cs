namespace Viperf.Agent.Linux;

/// <summary>
/// Tells which memory can be read, for one walk along pointers that may be garbage. Each page is asked for once: memory that
/// the interrupted thread itself uses stays where it is for as long.
/// </summary>
internal unsafe struct ReadableMemory
{
    private const int PageBits = 12; // of the smallest page
    private const int Remembered = 16; // a power of two

    private fixed ulong _pages[Remembered];
    private ulong _last;
    private int _next;

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

        for (int i = 0; i < Remembered; i++)
        {
            if (_pages[i] == page)
            {
                _last = page;
                return true;
            }
        }

        if (!Syscall.IsReadable((void*)(page << PageBits)))
        {
            return false;
        }

        _pages[_next++ & (Remembered - 1)] = page;
        _last = page;
        return true;
    }
}
