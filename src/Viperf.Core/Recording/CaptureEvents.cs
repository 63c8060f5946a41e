using Viperf.Core.Linux;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>
/// The events of processes that capture their own frames. They write to the same rings as all others, and their samples look
/// the same; but each sends its thread a signal as well.
/// </summary>
/// <remarks>
/// A new program must not get the signals, which would end it: so the kernel demands <c>remove_on_exec</c>, and neither a
/// fork's nor a vfork's child inherits these events. What such a process executes is sampled by others, that wait in it and in
/// its children for their exec.
/// </remarks>
internal sealed class CaptureEvents
{
    /// <summary>What samples and signals of captured processes have in common; any number that no other profiler uses.</summary>
    public const ulong SignalData = 0x7670_6361_7074_7572;

    private const ulong LastClock = 1; // PERF_COUNT_SW_CPU_CLOCK, PERF_COUNT_SW_TASK_CLOCK

    private const AttrFlags OfProcesses = AttrFlags.mmap | AttrFlags.mmap2 | AttrFlags.mmap_data | AttrFlags.comm | AttrFlags.comm_exec
        | AttrFlags.task | AttrFlags.ksymbol | AttrFlags.bpf_event | AttrFlags.build_id;

    private readonly EventSet _events;
    private readonly PerfEventAttr _signalling;
    private readonly PerfEventAttr _waiting;

    /// <summary>Makes their attrs from those of a recording's first event.</summary>
    public CaptureEvents(EventSet events)
    {
        _events = events;
        var attr = events.Events[0].Attr;
        attr.flags &= ~(OfProcesses | AttrFlags.enable_on_exec);
        attr.flags |= AttrFlags.disabled | AttrFlags.inherit;
        _waiting = attr;
        _waiting.flags |= AttrFlags.enable_on_exec;
        _signalling = attr;
        _signalling.flags |= AttrFlags.inherit_thread | AttrFlags.remove_on_exec | AttrFlags.sigtrap;
        _signalling.sig_data = SignalData;
    }

    /// <summary>True if samples stand for CPU time, and the kernel's part of that is not sampled.</summary>
    public bool IsUsersTime => (_signalling.flags & AttrFlags.exclude_kernel) != 0
        && _signalling.type == PerfEventKind.PERF_TYPE_SOFTWARE && _signalling.config <= LastClock;

    /// <summary>Opens the sampling events of a process that has one thread; they do not count yet.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="opened">Takes their descriptors.</param>
    /// <param name="described">What their samples' ids stand for.</param>
    /// <returns>0, or why not.</returns>
    public int TryOpen(int pid, List<int> opened, out EventDescription described)
    {
        int errno = TryOpen(_signalling, pid, opened);
        described = new EventDescription(0, _signalling, _events.Events[0].Name, errno == 0 ? [.. opened.Select(PerfEvent.Id)] : [])
        {
            IdInFile = _events.Events[0].Ids[0],
        };
        return errno;
    }

    /// <summary>Opens events that begin to count where the process or a child of it executes a program.</summary>
    /// <returns>0, or why not.</returns>
    public int TryOpenWaiting(int pid, List<int> opened, out EventDescription described)
    {
        int errno = TryOpen(_waiting, pid, opened);
        described = new EventDescription(0, _events.Events[0].Attr, _events.Events[0].Name, errno == 0 ? [.. opened.Select(PerfEvent.Id)] : [])
        {
            IdInFile = _events.Events[0].Ids[0],
        };
        return errno;
    }

    private int TryOpen(in PerfEventAttr attr, int pid, List<int> opened)
    {
        foreach (int cpu in _events.Cpus)
        {
            int fd = PerfEvent.Open(attr, pid, cpu, out int errno);
            if (fd < 0)
            {
                CloseAll(opened);
                return errno;
            }

            opened.Add(fd);
            _events.ShareRing(fd, cpu);
        }

        return 0;
    }

    private static void CloseAll(List<int> opened)
    {
        foreach (int fd in opened)
        {
            _ = Descriptor.Close(fd);
        }

        opened.Clear();
    }
}
