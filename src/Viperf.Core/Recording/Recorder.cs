using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Viperf.Core.Linux;
using Viperf.Core.Profiles;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>Records with the kernel's perf events into a perf.data file.</summary>
public static class Recorder
{
    /// <summary>The exit status of shells for a command that is not there.</summary>
    private const int CommandNotFound = 127;

    /// <summary>The exit status of shells for a command that cannot be executed.</summary>
    private const int CommandNotExecutable = 126;

    /// <summary>PERF_MAX_STACK_DEPTH (perf_event.h).</summary>
    private const int DefaultStackLimit = 127;

    /// <summary>
    /// How long a command that got the terminal's Ctrl-C together with viperf may take to end by itself.
    /// </summary>
    private const int GraceMilliseconds = 1000;

    /// <summary>
    /// Records until the command or all that is recorded has ended, or SIGINT or SIGTERM comes. While it runs these
    /// two signals do not end viperf.
    /// </summary>
    /// <exception cref="UserErrorException">
    /// The recording cannot begin, and nothing of it is left behind; or it cannot be written on.
    /// </exception>
    public static RecordResult Run(RecordOptions options)
    {
        CheckFrequency(options);

        bool onExec = IsOfCommand(options);
        if (onExec && options.Command.Count == 0)
        {
            // perf would record the whole machine until Ctrl-C, which hardly anybody means.
            throw new UserErrorException("nothing to record: name a command, processes with -p, or all that runs with -a", 2);
        }

        if (onExec && TimerRecorder.RefusalOf(options) is { } refusal)
        {
            return TimerRecorder.Run(options, refusal);
        }

        var others = onExec ? [] : Targets(options);
        using var command = options.Command.Count > 0
            ? ChildProcess.Prepare(options.Command, outputToError: options.OutputPath == OutputFile.StandardOutput, options.Environment)
            : null;
        if (options.Capture != null)
        {
            OpenFileLimit.Raise(); // after the fork: the program keeps its own
        }

        using var signals = new StopSignals();
        IReadOnlyList<int> tids = onExec ? [command!.Pid] : others;
        using var events = OpenWithRings(options, tids, onExec);

        using var output = OutputFile.Create(options.OutputPath);
        RecordResult? result = null;
        output.Write(() => result = Write(options, output, events, tids, command, signals));
        return result!;
    }

    /// <summary>Writes the recording, from its first byte to its last.</summary>
    private static RecordResult Write(
        RecordOptions options, OutputFile output, EventSet events, IReadOnlyList<int> tids, ChildProcess? command, StopSignals signals)
    {
        bool onExec = IsOfCommand(options);
        var described = EventsOfFile(options, events);
        var features = new FeatureWriter();
        HostFeatures.Describe(features, options, described);
        var file = output.IsPipe
            ? PerfDataWriter.CreatePipe(output.Stream, described, features)
            : PerfDataWriter.CreateFile(output.Stream, described);
        using var live = options.LiveRecords == null
            ? null
            : new LiveDrain(events.Rings, events.Events, options.LiveRecords, file, new RecordPool());
        IRecordDrain drain = live != null ? live : new VerbatimDrain(events.Rings, file);

        using var standing = options.Capture is { Clock: not CaptureClock.Cpu } timed && live != null && command != null
            ? new StandingThreads(events.Events[0], live, timed.Sink, options.StackDump)
            : null;
        using var capture = options.Capture is { } wanted && live != null && command != null
            ? new CaptureServer(events, command.Pid, live, wanted, standing, IsKernelWanted(options))
            : null;
        drain.Counts.AgentReach = options.WatchesAgent ? new AgentReach() : null;

        if (!onExec)
        {
            // Before /proc is read: what changes meanwhile is then in the rings.
            events.Enable(which => options.DelayMilliseconds == null || which.Name == EventSpec.Tracker.Name);
        }

        Synthesize(options, drain, events, tids, onExec);

        long started = Stopwatch.GetTimestamp();
        if (command != null)
        {
            Release(command, options.Command[0]);
        }

        output.Keep();
        foreach (string notice in events.Notices)
        {
            options.Notice?.Invoke(notice); // not before: a recording that does not begin says why, and nothing else
        }

        var loop = new RecordLoop(drain, events, signals, command, options.DelayMilliseconds, capture, standing);
        loop.Run();
        var duration = Stopwatch.GetElapsedTime(started);

        ulong lost = Finish(file, events, drain.Counts, features);
        int exitCode = command == null ? 0 : EndCommand(command, loop.CommandEnded, signals);
        return new RecordResult(
            exitCode, options.OutputPath, output.IsPipe ? (long)file.DataBytes : output.Stream.Length,
            drain.Counts.Samples - (options.Capture?.Sink.Unwanted ?? 0), lost, drain.Counts.StacksDropped, drain.Counts.Bad, drain.Counts.FirstProblem, loop.Wakeups, duration)
        {
            CaptureProblems = [.. capture?.Problems ?? []],
            StandingNotice = standing?.Notice,
            WithoutAgent = drain.Counts.AgentReach?.FindMissed() ?? [],
        };
    }

    /// <summary>The kernel's limit of <c>-F</c>: samples a second; 0 where it does not say.</summary>
    public static uint FrequencyLimit() =>
        uint.TryParse(
            ProcFs.ReadSetting("kernel/perf_event_max_sample_rate"), CultureInfo.InvariantCulture, out uint limit)
            ? limit
            : 0;

    /// <summary>The kernel's limit of a call chain's frames (kernel.perf_event_max_stack); its default where it does not say.</summary>
    public static int StackLimit() =>
        ushort.TryParse(
            ProcFs.ReadSetting("kernel/perf_event_max_stack"), CultureInfo.InvariantCulture, out ushort limit)
            ? limit
            : DefaultStackLimit;

    /// <summary>True if the command is what is recorded: with other targets it only tells how long to record.</summary>
    private static bool IsOfCommand(RecordOptions options) =>
        !options.SystemWide && options.Cpus == null && options.Pids.Count + options.Tids.Count == 0;

    private static bool IsKernelWanted(RecordOptions options) =>
        !options.AllUser && options.Events.All(spec => (spec.Exclude & AttrFlags.exclude_kernel) == 0);

    private static void CheckFrequency(RecordOptions options)
    {
        uint limit = FrequencyLimit();
        if (limit > 0 && options.Period == null && options.Frequency > limit)
        {
            throw new UserErrorException(
                $"Maximum frequency rate ({limit.ToString("N0", CultureInfo.InvariantCulture)} Hz) exceeded: use -F with a lower "
                + "value, or raise /proc/sys/kernel/perf_event_max_sample_rate");
        }
    }

    private static EventSet OpenWithRings(RecordOptions options, IReadOnlyList<int> tids, bool onExec)
    {
        var cpus = CpuList.Online();
        int pages = options.RingPages ?? RingPages.Default(options.CallGraph ? options.StackDump : 0, cpus.Count);
        while (true)
        {
            // Who takes records one by one must be there before a ring is full, and may be late by then.
            uint wakeupBytes = options.LiveRecords == null ? 0 : (uint)(pages * (long)Environment.SystemPageSize / 4);
            var events = EventOpener.Open(options, tids, cpus, onExec, wakeupBytes);
            try
            {
                events.MapRings(pages, orLess: options.RingPages == null);
            }
            catch
            {
                events.Dispose();
                throw;
            }

            if (wakeupBytes == 0 || events.RingPages == pages)
            {
                return events;
            }

            // Less may be locked than was wished for; the kernel wants to know before when to wake viperf, and what to copy.
            pages = events.RingPages;
            events.Dispose();
            if (options.FitsStackDump)
            {
                options = options with
                {
                    StackDump = RingPages.DumpThatFits(pages, options.Frequency ?? EventOpener.DefaultFrequency, options.StackDump),
                };
            }
        }
    }

    /// <summary>The threads to attach to; -1 alone for all that runs.</summary>
    private static IReadOnlyList<int> Targets(RecordOptions options)
    {
        if (options.Pids.Count + options.Tids.Count == 0)
        {
            return [-1];
        }

        var tids = new SortedSet<int>();
        foreach (int pid in options.Pids)
        {
            var threads = ProcFs.Threads(pid);
            if (threads.Count == 0)
            {
                throw new UserErrorException($"process {pid} is gone: there is no such process to record");
            }

            tids.UnionWith(threads);
        }

        foreach (int tid in options.Tids)
        {
            if (ProcFs.StatusNumber(tid, "Tgid") == null)
            {
                throw new UserErrorException($"thread {tid} is gone: there is no such thread to record");
            }

            tids.Add(tid);
        }

        return [.. tids];
    }

    /// <summary>The events as the file describes them: as they are recorded, or as their records are made on the way.</summary>
    private static IReadOnlyList<EventDescription> EventsOfFile(RecordOptions options, EventSet events) =>
        options.LiveRecords is not { } live
            ? events.Events
            : [.. events.Events.Select(recorded => new EventDescription(
                recorded.Index, live.AttrOfFile(WithoutWakeup(recorded.Attr)), NameOf(options, recorded), recorded.Ids))];

    /// <summary>Samples of more than CPU time are not called so.</summary>
    internal static string NameOf(RecordOptions options, EventDescription recorded) => (options.Capture?.Clock, recorded.Index) switch
    {
        (CaptureClock.Wall, 0) => ProfileEvent.WallClock,
        (CaptureClock.Gil, 0) => ProfileEvent.GilClock,
        _ => recorded.Name,
    };

    /// <summary>When viperf was woken says nothing of the records.</summary>
    private static PerfEventAttr WithoutWakeup(PerfEventAttr attr)
    {
        attr.flags &= ~AttrFlags.watermark;
        attr.wakeup_events = 0;
        return attr;
    }

    private static void Synthesize(
        RecordOptions options, IRecordDrain drain, EventSet events, IReadOnlyList<int> tids, bool onExec)
    {
        bool dataMappings = events.Events.Any(described => (described.Attr.flags & AttrFlags.mmap_data) != 0);
        var synthesizer = new Synthesizer(drain, events.Layout, dataMappings, options.BuildIds);
        synthesizer.WriteKernel();
        if (onExec)
        {
            synthesizer.WriteName(tids[0]);
        }
        else
        {
            var processes = tids is [-1]
                ? ProcFs.Processes()
                : tids.Select(tid => ProcFs.StatusNumber(tid, "Tgid") ?? tid).Distinct();
            foreach (int pid in processes)
            {
                synthesizer.WriteProcess(pid);
                drain.MakeRoom(); // the events are on, and all that runs may take long to write down
            }
        }

        synthesizer.Finish();
    }

    internal static void Release(ChildProcess command, string name)
    {
        int errno = command.Release();
        if (errno != 0)
        {
            throw new UserErrorException(
                $"cannot run {name}: {Errno.Text(errno)}",
                errno == Errno.ENOENT ? CommandNotFound : CommandNotExecutable);
        }
    }

    /// <summary>Writes what is known only at the end.</summary>
    /// <returns>Records that were lost.</returns>
    private static ulong Finish(PerfDataWriter file, EventSet events, RecordCounts counts, FeatureWriter features)
    {
        var records = new RecordBuilder(events.Layout);
        ulong counted = 0;
        foreach (var (id, count) in events.LostSamples())
        {
            counted += count;
            file.Write(records.LostSamples(count, new SampleId { Id = id }));
        }

        if (counts.Samples > 0)
        {
            features.SetSampleTime(counts.FirstTime, counts.LastTime);
        }

        file.Finish(features);

        // What the kernel could not say in the ring, for want of a later record, is in the events' own counts.
        return Math.Max(counted, counts.Lost);
    }

    internal static int EndCommand(ChildProcess command, bool ended, StopSignals signals)
    {
        if (!ended)
        {
            using var wait = new Epoll();
            wait.Add(command.EndDescriptor, input: true);
            if (signals.First == PosixSignal.SIGINT)
            {
                wait.Wait(GraceMilliseconds);
            }

            if (wait.ReadyCount == 0)
            {
                command.Terminate();
            }
        }

        return command.Wait();
    }
}
