using Viperf.Core.Linux;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>
/// Opens a recording's events. What the kernel refuses is given up step by step: parts of the attr that it is too
/// old for, exactness that the PMU lacks, the kernel's side where only root sees it, cycles where there is no PMU.
/// </summary>
internal sealed class EventOpener
{
    /// <summary>perf's frequency where none is asked for.</summary>
    public const uint DefaultFrequency = 4000;

    private readonly RecordOptions _options;
    private readonly IReadOnlyList<int> _tids;
    private readonly IReadOnlyList<int> _cpus;
    private readonly IReadOnlyList<int> _onlineCpus;
    private readonly bool _onExec;
    private readonly uint _wakeupBytes;
    private readonly KernelAbilities _abilities = new();
    private readonly List<OpenEvent> _open = [];
    private readonly HashSet<int> _gone = [];
    private readonly List<string> _notices = [];

    private EventOpener(
        RecordOptions options, IReadOnlyList<int> tids, IReadOnlyList<int> onlineCpus, bool onExec, uint wakeupBytes)
    {
        _wakeupBytes = wakeupBytes;
        _options = options;
        _tids = tids;
        _onlineCpus = onlineCpus;
        _cpus = options.Cpus ?? onlineCpus;
        _onExec = onExec;
    }

    private bool OfCpus => _tids is [-1];

    /// <summary>Opens the events of <paramref name="options"/>; nothing counts yet.</summary>
    /// <param name="options">What the user asked for.</param>
    /// <param name="tids">The threads, or -1 alone for all that runs.</param>
    /// <param name="onlineCpus">The machine's CPUs in use.</param>
    /// <param name="onExec">True if counting begins when the one thread executes a program.</param>
    /// <param name="wakeupBytes">Bytes in a ring that the kernel wakes viperf for; 0 for half of it.</param>
    /// <exception cref="UserErrorException">The kernel refuses an event.</exception>
    public static EventSet Open(
        RecordOptions options, IReadOnlyList<int> tids, IReadOnlyList<int> onlineCpus, bool onExec, uint wakeupBytes = 0)
    {
        var opener = new EventOpener(options, tids, onlineCpus, onExec, wakeupBytes);
        try
        {
            return opener.Open();
        }
        catch
        {
            foreach (var open in opener._open)
            {
                _ = Descriptor.Close(open.Fd);
            }

            throw;
        }
    }

    private EventSet Open()
    {
        if (_cpus.Except(_onlineCpus).ToArray() is { Length: > 0 } absent)
        {
            throw new UserErrorException(
                $"CPU {absent[0]} is not in use on this machine, which has {string.Join(",", _onlineCpus)}");
        }

        if (_options.ClockId is { } clock && SystemClock.Now(clock) == null)
        {
            throw new UserErrorException($"this kernel has no clock {ClockNames.NameOf(clock)}");
        }

        var specs = _options.Events.Count > 0 ? _options.Events : [EventSpec.Default];

        // Names and mappings must be recorded from the beginning and on every CPU, even where samples begin later or
        // are taken on some CPUs only, or end where others begin: an event that counts nothing carries them then.
        bool dummy = _options.DelayMilliseconds != null || _options.Cpus != null || _options.Capture != null;
        int tracking = dummy ? specs.Count : 0;
        if (dummy)
        {
            specs = [.. specs, EventSpec.Tracker];
        }

        uint limit = Recorder.FrequencyLimit();
        uint frequency = _options.Frequency ?? (limit > 0 ? Math.Min(DefaultFrequency, limit) : DefaultFrequency);
        var events = new List<EventDescription>();
        for (int i = 0; i < specs.Count; i++)
        {
            bool waits = _options.DelayMilliseconds != null && i != tracking;
            var setting = new AttrBuilder.Setting(
                frequency, specs.Count > 1, _onExec && !waits, OfCpus, _wakeupBytes);
            events.Add(OpenEverywhere(i, specs[i], setting, i == tracking));
        }

        if (_open.Count == 0)
        {
            throw new UserErrorException($"the process {string.Join(", ", _tids)} ended before it could be recorded");
        }

        return new EventSet(events, _open, _notices);
    }

    private EventDescription OpenEverywhere(int index, EventSpec spec, AttrBuilder.Setting setting, bool tracking)
    {
        var attr = default(PerfEventAttr);
        bool settled = false; // once one descriptor is open the event is what it is
        if (spec.BestPrecision)
        {
            spec = spec with { Precision = 3 };
        }

        foreach (int cpu in spec == EventSpec.Tracker ? _onlineCpus : _cpus)
        {
            foreach (int tid in _tids)
            {
                if (_gone.Contains(tid))
                {
                    continue;
                }

                while (true)
                {
                    if (!settled)
                    {
                        attr = AttrBuilder.Build(spec, _options, setting, tracking);
                        _abilities.Restrict(ref attr);
                    }

                    int fd = PerfEvent.Open(attr, tid, cpu, out int errno);
                    if (fd >= 0)
                    {
                        settled = true;
                        _open.Add(new OpenEvent(index, fd, cpu, tid, PerfEvent.Id(fd)));
                        break;
                    }

                    if (errno == Errno.ESRCH && !_onExec)
                    {
                        _gone.Add(tid);
                        break;
                    }

                    if (settled || !GiveUp(ref spec, attr, errno))
                    {
                        throw Refused(spec, cpu, tid, errno);
                    }
                }
            }
        }

        _options.Detail?.Invoke(
            $"{spec.Name}: type {(uint)attr.type}, config 0x{attr.config:x}, {_open.Count(open => open.Event == index)} descriptors");
        return new EventDescription(
            index, attr, spec.Name, [.. _open.Where(open => open.Event == index).Select(open => open.Id)]);
    }

    /// <summary>Makes <paramref name="spec"/> or the attr more modest.</summary>
    /// <returns>False if there is nothing more to give up.</returns>
    private bool GiveUp(ref EventSpec spec, in PerfEventAttr attr, int errno)
    {
        bool absent = errno is Errno.ENOENT or Errno.ENODEV or Errno.EOPNOTSUPP;
        if (spec.BestPrecision && spec.Precision > 0 && (absent || errno == Errno.EINVAL))
        {
            spec = spec with { Precision = spec.Precision - 1 };
            return true;
        }

        if (absent && spec.IsCycles)
        {
            _notices.Add($"no CPU cycles counter on this machine: recording cpu-clock instead of {spec.Name}");
            spec = spec.CpuClock();
            return true;
        }

        const AttrFlags oneSide = AttrFlags.exclude_user | AttrFlags.exclude_kernel;
        if (errno is Errno.EACCES or Errno.EPERM && (attr.flags & oneSide) == 0 && !OfCpus)
        {
            _options.Detail?.Invoke($"{spec.Name}: perf_event_paranoid is {Paranoia()}: recording user space only");
            spec = spec.UserOnly();
            return true;
        }

        if (errno == Errno.EINVAL && _abilities.GiveUp(attr) is { } part)
        {
            _options.Detail?.Invoke($"this kernel lacks {part}");
            return true;
        }

        return false;
    }

    private UserErrorException Refused(EventSpec spec, int cpu, int tid, int errno)
    {
        string what = OfCpus ? $"'{spec.Name}' on CPU {cpu}" : $"'{spec.Name}' of thread {tid}";
        return new UserErrorException(errno switch
        {
            Errno.EACCES or Errno.EPERM when OfCpus =>
                $"no permission to record {what}: kernel.perf_event_paranoid is {Paranoia()}; all that runs is recorded at 0 or less, or by root",
            Errno.EACCES or Errno.EPERM when _onExec =>
                $"no permission to record '{spec.Name}': kernel.perf_event_paranoid is {Paranoia()}; at 2 and more only root records the kernel's part",
            Errno.EACCES or Errno.EPERM =>
                $"no permission to record {what}: it must be yours, and kernel.perf_event_paranoid ({Paranoia()}) must allow it",
            Errno.ENOENT or Errno.ENODEV or Errno.EOPNOTSUPP =>
                $"event '{spec.Name}' is not supported by this machine",
            Errno.ESRCH => $"process {tid} is gone",
            Errno.EMFILE => "too many open files for events on every CPU and thread: raise the limit (ulimit -n)",
            Errno.EBUSY => $"the counter for {what} is in use by another profiler",
            Errno.EINVAL => $"the kernel does not take {what}: it is too old for an option, or has no such combination",
            _ => $"cannot record {what}: {Errno.Text(errno)}",
        });
    }

    private static string Paranoia() => ProcFs.ReadSetting("kernel/perf_event_paranoid") ?? "unknown";
}
