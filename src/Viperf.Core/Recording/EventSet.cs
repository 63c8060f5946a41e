using Viperf.Core.Linux;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>
/// The events of a recording, open: each on every CPU and, where threads are recorded, on every thread. All events
/// of a CPU share one ring.
/// </summary>
internal sealed class EventSet : IDisposable
{
    private readonly IReadOnlyList<OpenEvent> _open;
    private readonly List<Ring> _rings = [];

    /// <summary>Takes over open descriptors, which have no rings yet.</summary>
    public EventSet(
        IReadOnlyList<EventDescription> events, IReadOnlyList<OpenEvent> open, IReadOnlyList<string> notices)
    {
        Notices = notices;
        Events = events;
        _open = open;
    }

    /// <summary>The events as the kernel took them, with their ids.</summary>
    public IReadOnlyList<EventDescription> Events { get; }

    /// <summary>What the user should know of how the events came about.</summary>
    public IReadOnlyList<string> Notices { get; }

    /// <summary>One ring a CPU, once <see cref="MapRings"/> has made them.</summary>
    public IReadOnlyList<Ring> Rings => _rings;

    /// <summary>The layout that all records of the rings have.</summary>
    public EventLayout Layout => Events[0].Layout;

    /// <summary>Pages of each ring.</summary>
    public int RingPages { get; private set; }

    /// <summary>Makes the rings.</summary>
    /// <param name="pages">Pages of each.</param>
    /// <param name="orLess">True to take fewer where the user may not lock so much memory.</param>
    /// <exception cref="UserErrorException">The kernel refuses the size, or even one page.</exception>
    public void MapRings(int pages, bool orLess)
    {
        int pageSize = Environment.SystemPageSize;
        while (!TryMapRings(pages, pageSize, out int errno))
        {
            if (!orLess || pages == 1 || errno is not (Errno.EPERM or Errno.ENOMEM))
            {
                throw new UserErrorException(
                    $"cannot map rings of {pages} pages: {Errno.Text(errno)}: raise /proc/sys/kernel/perf_event_mlock_kb, "
                    + "or try again with a smaller value of -m/--mmap_pages");
            }

            pages /= 2;
        }

        RingPages = pages;
    }

    /// <summary>Starts counting: the events for which <paramref name="which"/> holds.</summary>
    public void Enable(Predicate<EventDescription> which)
    {
        foreach (var open in _open)
        {
            if (which(Events[open.Event]))
            {
                PerfEvent.Enable(open.Fd);
            }
        }
    }

    /// <summary>Stops counting.</summary>
    public void Disable()
    {
        foreach (var open in _open)
        {
            PerfEvent.Disable(open.Fd);
        }
    }

    /// <summary>Stops one event everywhere, and in all that inherited it.</summary>
    public void Disable(int index)
    {
        foreach (var open in _open.Where(open => open.Event == index))
        {
            PerfEvent.Disable(open.Fd);
        }
    }

    /// <summary>The CPUs that have rings.</summary>
    public IEnumerable<int> Cpus => _open.Select(open => open.Cpu).Distinct();

    /// <summary>Lets another event of a CPU write to its ring.</summary>
    public void ShareRing(int fd, int cpu) => PerfEvent.SetOutput(fd, _open.First(open => open.Cpu == cpu).Fd);

    /// <summary>Lets <paramref name="epoll"/> tell of full rings and of threads that have ended.</summary>
    /// <returns>Descriptors watched; each ends when its thread and all that inherited its event have.</returns>
    public int Watch(Epoll epoll)
    {
        foreach (var open in _open)
        {
            epoll.Add(open.Fd, input: true); // of all that share a ring: the kernel tells only the first that asks that it fills
        }

        return _open.Count;
    }

    /// <summary>What each event lost for want of room, where the kernel counts it (Linux 6.0).</summary>
    public IEnumerable<(ulong Id, ulong Count)> LostSamples()
    {
        const int lostAt = 2; // struct read_format: value, id, lost
        var values = new ulong[lostAt + 1];
        foreach (var open in _open)
        {
            bool counted = (Events[open.Event].Attr.read_format & ReadFormat.PERF_FORMAT_LOST) != 0;
            if (counted && PerfEvent.Read(open.Fd, values) > lostAt && values[lostAt] > 0)
            {
                yield return (open.Id, values[lostAt]);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ReleaseRings();
        foreach (var open in _open)
        {
            _ = Descriptor.Close(open.Fd);
        }
    }

    private bool TryMapRings(int pages, int pageSize, out int errno)
    {
        var owners = new Dictionary<int, int>();
        foreach (var open in _open)
        {
            if (owners.TryGetValue(open.Cpu, out int owner))
            {
                PerfEvent.SetOutput(open.Fd, owner);
                continue;
            }

            // One page before the records, in which the kernel describes them.
            var mapping = SharedMapping.TryCreate(open.Fd, (long)(pages + 1) * pageSize, out errno);
            if (mapping == null)
            {
                ReleaseRings();
                return false;
            }

            owners.Add(open.Cpu, open.Fd);
            _rings.Add(new Ring(mapping, Layout));
        }

        errno = 0;
        return true;
    }

    private void ReleaseRings()
    {
        foreach (var ring in _rings)
        {
            ring.Dispose();
        }

        _rings.Clear();
    }
}

/// <summary>An event on one CPU and thread.</summary>
/// <param name="Event">Index of its description.</param>
/// <param name="Fd">Its descriptor.</param>
/// <param name="Cpu">The CPU.</param>
/// <param name="Tid">The thread, or -1 for all.</param>
/// <param name="Id">What samples call it.</param>
internal readonly record struct OpenEvent(int Event, int Fd, int Cpu, int Tid, ulong Id);
