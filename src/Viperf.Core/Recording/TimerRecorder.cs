using System.Diagnostics;
using System.Globalization;
using System.Text;
using Viperf.Abi;
using Viperf.Core.Linux;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>
/// Records Python programs where perf_event_open is refused: their threads are signalled by timers of their CPU time, and their
/// agents write down what the kernel would have recorded. The recording is made of the same records, which this recorder makes.
/// </summary>
internal sealed class TimerRecorder
{
    /// <summary>Rings are emptied so often: one has to hold what all threads write meanwhile.</summary>
    private const int FlushMilliseconds = 25;

    private const ulong NanosecondsPerSecond = 1_000_000_000;
    private const uint DefaultFrequency = 4000; // perf's
    private const SampleFormat SampleFields = SampleFormat.PERF_SAMPLE_IP | SampleFormat.PERF_SAMPLE_TID | SampleFormat.PERF_SAMPLE_TIME
        | SampleFormat.PERF_SAMPLE_PERIOD | SampleFormat.PERF_SAMPLE_CALLCHAIN | SampleFormat.PERF_SAMPLE_REGS_USER
        | SampleFormat.PERF_SAMPLE_STACK_USER;

    private static readonly Version s_firstWithSignals = new(5, 18);
    private static readonly EventSpec s_clock = new() { Name = "cpu-clock", Kind = PerfEventKind.PERF_TYPE_SOFTWARE, Config = 0 };

    private readonly RecordOptions _options;
    private readonly EventDescription _source;
    private bool _commandEnded;
    private ulong _wakeups;

    private TimerRecorder(RecordOptions options)
    {
        _options = options;
        var attr = AttrBuilder.Build(s_clock, options, new AttrBuilder.Setting(DefaultFrequency, false, false, false), tracking: true);
        attr.sample_type = SampleFields;
        attr.flags |= AttrFlags.sigtrap | AttrFlags.exclude_callchain_user | AttrFlags.use_clockid;
        attr.flags &= ~AttrFlags.mmap_data;
        attr.clockid = SystemClock.Monotonic;
        if (options.Period is null && options.Frequency is { } frequency)
        {
            attr.sample_period = frequency;
        }

        _source = new EventDescription(0, attr, s_clock.Name, [1]);
    }

    /// <summary>Nanoseconds of CPU time between two signals that were asked for.</summary>
    private ulong Interval => _source.Interval;

    /// <summary>
    /// Why the kernel opens no events that signal threads, where timers can take their place; null otherwise. Before Linux 5.18
    /// such a signal killed a program whose thread blocked it.
    /// </summary>
    public static string? RefusalOf(RecordOptions options)
    {
        if (options.Capture == null || options.LiveRecords == null || options.Events.Any(spec => !spec.IsTime))
        {
            return null;
        }

        var attr = new PerfEventAttr
        {
            type = s_clock.Kind,
            size = PerfEventAttr.MinimumSize,
            config = s_clock.Config,
            flags = AttrFlags.disabled | AttrFlags.exclude_kernel | AttrFlags.exclude_hv,
        };
        int fd = PerfEvent.Open(attr, pid: 0, cpu: -1, out int errno);
        if (fd >= 0)
        {
            _ = Descriptor.Close(fd);
        }

        return errno is Errno.EPERM or Errno.EACCES or Errno.ENOSYS ? $"the kernel refuses perf events ({Errno.Text(errno)})"
            : Environment.OSVersion.Version < s_firstWithSignals ? $"Linux {Environment.OSVersion.Version.ToString(2)} has no safe perf events with signals, which came with {s_firstWithSignals}"
            : null;
    }

    /// <summary>Records a command, as <see cref="Recorder.Run"/> does.</summary>
    /// <param name="options">What to record.</param>
    /// <param name="refusal">Why there are no events.</param>
    /// <exception cref="UserErrorException">As there.</exception>
    public static RecordResult Run(RecordOptions options, string refusal)
    {
        var environment = new Dictionary<string, string>(options.Environment)
        {
            [Encoding.ASCII.GetString(AgentEnvironment.Mode)] = Encoding.ASCII.GetString(CaptureProtocol.TimerMode),
        };
        using var command = ChildProcess.Prepare(options.Command, outputToError: options.OutputPath == OutputFile.StandardOutput, environment);
        using var signals = new StopSignals();
        using var output = OutputFile.Create(options.OutputPath);
        RecordResult? result = null;
        output.Write(() => result = new TimerRecorder(options).Write(output, command, signals, refusal));
        return result!;
    }

    private RecordResult Write(OutputFile output, ChildProcess command, StopSignals signals, string refusal)
    {
        var live = _options.LiveRecords!;
        var attr = _source.Attr;
        attr.flags &= ~AttrFlags.sigtrap;
        EventDescription[] described = [new EventDescription(0, live.AttrOfFile(attr), Recorder.NameOf(_options, _source), _source.Ids)];
        var features = new FeatureWriter();
        HostFeatures.Describe(features, _options, described);
        var file = output.IsPipe
            ? PerfDataWriter.CreatePipe(output.Stream, described, features)
            : PerfDataWriter.CreateFile(output.Stream, described);
        using var drain = new LiveDrain([], [_source], live, file, new RecordPool());
        var synthesizer = new Synthesizer(drain, _source.Layout, dataMappings: false, _options.BuildIds);
        synthesizer.WriteName(command.Pid);
        synthesizer.Finish();

        var wanted = _options.Capture!;
        using var others = new OtherPrograms(wanted.SocketPath);
        var records = new TimerRecords(_source, drain, wanted.Sink, _options);
        using var standing = wanted.Clock == CaptureClock.Cpu ? null : new StandingThreads(_source, drain, wanted.Sink, _options.StackDump);
        using var server = new TimerServer(wanted, records, Interval, standing);
        long started = Stopwatch.GetTimestamp();
        Recorder.Release(command, _options.Command[0]);
        output.Keep();
        Loop(drain, records, server, standing, command, signals);
        var duration = Stopwatch.GetElapsedTime(started);
        if (drain.Counts.Samples > 0)
        {
            features.SetSampleTime(drain.Counts.FirstTime, drain.Counts.LastTime);
        }

        file.Finish(features);
        int exitCode = Recorder.EndCommand(command, _commandEnded, signals);
        return new RecordResult(
            exitCode, _options.OutputPath, output.IsPipe ? (long)file.DataBytes : output.Stream.Length,
            drain.Counts.Samples, records.Lost, NotUnwound: 0, drain.Counts.Bad, drain.Counts.FirstProblem, _wakeups, duration)
        {
            StandingNotice = standing?.Notice,
            CaptureProblems = [Notice(records, others.Count, refusal), .. server.Problems],
        };
    }

    private void Loop(
        LiveDrain drain, TimerRecords records, TimerServer server, StandingThreads? standing, ChildProcess command, StopSignals signals)
    {
        byte[] finishedRound = new RecordBuilder(_source.Layout).FinishedRound().ToArray();
        using var epoll = new Epoll();
        epoll.Add(signals.Descriptor, input: true);
        epoll.Add(command.EndDescriptor, input: true);
        server.Watch(epoll);
        bool stop = false;
        while (!stop)
        {
            epoll.Wait(FlushMilliseconds);
            for (int i = 0; i < epoll.ReadyCount; i++)
            {
                int fd = epoll.Ready(i).Fd;
                _commandEnded |= fd == command.EndDescriptor;
                stop |= _commandEnded || fd == signals.Descriptor;
                _ = server.TryTake(epoll, fd, epoll.Ready(i).Ended);
            }

            if (stop)
            {
                standing?.Stop();
            }

            standing?.Deliver();
            bool any = records.Take(ended: stop);
            if (drain.Drain(ended: stop) || any)
            {
                _wakeups++;
                drain.Write(finishedRound);
                drain.Flush();
            }
        }
    }

    private string Notice(TimerRecords records, long others, string refusal)
    {
        string rate = records.SampledSeconds == 0 ? "no samples"
            : string.Create(CultureInfo.InvariantCulture, $"{records.Samples / records.SampledSeconds:F0} samples per second of CPU time came of {NanosecondsPerSecond / (double)Interval:F0} asked for");
        string left = others == 0 ? "" : $"; programs that are no Python are not sampled so: {others}";
        string blocked = records.UnsampledSeconds == 0 ? ""
            : string.Create(CultureInfo.InvariantCulture, $"; {records.UnsampledSeconds:F2} s of threads that block SIGTRAP are missing");
        string without = records.WithoutTimer == 0 ? "" : $"; {records.WithoutTimer} threads got no timer (ulimit -i)";
        return $"{refusal}: threads of Python are sampled by timers, {rate}{left}{blocked}{without}";
    }
}
