using Viperf.Core.Processes;
using Viperf.Core.Profiles;
using Viperf.Core.Unwinding;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>
/// Turns records into a profile: follows processes, places every address of a call chain in a module and hands
/// samples on. It does not know where the records come from, opens no file and looks up no name. One
/// converter serves one recording, live or read back.
/// </summary>
internal sealed class Converter : IRecordSink
{
    private readonly Profile _profile;
    private readonly ISampleSink _sink;
    private readonly ConverterOptions _options;
    private readonly ProcessUnwinder? _unwinder;
    private readonly ProcessTimeline _timeline;
    private readonly FrameFinder _frames;

    /// <summary>The current sample's frames, leaf first; grows to the deepest chain met and stays.</summary>
    private int[] _chain = new int[128];

    /// <summary>The current sample's time, if it is one that jitdumps know.</summary>
    private ulong? _monotonicTime;

    /// <summary>What the unwinder found of the current sample's stack.</summary>
    private readonly CallChain _unwound = new();

    /// <summary>Makes a converter.</summary>
    /// <param name="profile">What it fills.</param>
    /// <param name="jitCode">Tells jitted code apart that lay at one address at different times.</param>
    /// <param name="sink">Who takes the samples.</param>
    /// <param name="options">What to keep.</param>
    /// <param name="unwinder">Finds the callers that a copy of the stack tells of; null to take chains as they are.</param>
    public Converter(
        Profile profile, IJitCodeFinder jitCode, ISampleSink sink, ConverterOptions options, ProcessUnwinder? unwinder = null)
    {
        _profile = profile;
        _sink = sink;
        _options = options;
        _unwinder = unwinder;
        _timeline = new ProcessTimeline(profile);
        _frames = new FrameFinder(profile, _timeline, jitCode);
    }

    /// <inheritdoc/>
    public void OnRecord(RecordView record, EventDescription source, ulong time)
    {
        switch (record.Type)
        {
            case RecordType.PERF_RECORD_SAMPLE:
                OnSample(record, source, time);
                break;
            case RecordType.PERF_RECORD_LOST:
                _profile.LostRecords += new LostView(record).Count;
                break;
            case RecordType.PERF_RECORD_LOST_SAMPLES:
                _profile.LostSamples += new LostView(record).Count;
                break;
            default:
                _timeline.OnRecord(record, time);
                break;
        }
    }

    private void OnSample(RecordView record, EventDescription source, ulong time)
    {
        if (time < _options.From || time > _options.To)
        {
            return;
        }

        var sample = new SampleView(record, source.Layout);
        var chain = sample.Callchain();
        var thread = _timeline.Thread(sample.Pid, sample.Tid);
        _monotonicTime = source.HasMonotonicTime ? time : null;
        int depth = 0;
        UnwindResult unwound;
        _unwound.Clear();
        if (_unwinder is not null && source.Layout.Has(SampleFormat.PERF_SAMPLE_STACK_USER)
            && new RecordedChain(chain, source.Attr) is { HasUser: false } recorded)
        {
            Place(ref depth, recorded.Used, thread.Process, ModeOf(record.CpuMode));
            unwound = _unwinder.Unwind(thread.Process, _monotonicTime, sample.UserState(), _unwound);
            Place(ref depth, _unwound.Entries, thread.Process, FrameMode.User);
        }
        else
        {
            Place(ref depth, chain, thread.Process, ModeOf(record.CpuMode));
            unwound = ChainMarks.Read(chain);
        }

        bool leafAdded = false;
        if (depth == 0 || LacksLeaf(chain, record.CpuMode))
        {
            leafAdded = depth != 0;
            Push(ref depth, 0);
            Array.Copy(_chain, 0, _chain, 1, depth - 1);
            _chain[0] = _frames.Find(
                sample.Ip, thread.Process, ModeOf(record.CpuMode), isReturnAddress: false, _monotonicTime);
        }

        int stack = _profile.Stacks.Intern(_chain.AsSpan(0, Math.Min(depth, _options.MaxStack)));
        _profile.FirstSampleTime = _profile.FirstSampleTime == 0 ? time : Math.Min(_profile.FirstSampleTime, time);
        _profile.LastSampleTime = Math.Max(_profile.LastSampleTime, time);
        ulong period = source.Layout.PeriodOffset >= 0 ? sample.Period : source.Attr.sample_period;
        var key = new SampleKey(
            source.Index, sample.Pid, sample.Tid, thread.Comm, _options.KeepCpu ? sample.Cpu : -1, stack,
            unwound.End, unwound.IsGuessed);
        _sink.OnSample(new ConvertedSample(source, key, sample.Ip, time, period, chain.Length + _unwound.Count != 0, leafAdded));
    }

    /// <summary>Adds a call chain's frames to <see cref="_chain"/>, leaf first.</summary>
    private void Place(ref int depth, ReadOnlySpan<ulong> chain, ProcessState process, FrameMode mode)
    {
        bool isReturnAddress = false;
        foreach (ulong address in chain)
        {
            if (ModeOfContext(address) is { } switched)
            {
                mode = switched;
                isReturnAddress = false;
                continue;
            }

            Push(ref depth, _frames.Find(address, process, mode, isReturnAddress, _monotonicTime));
            isReturnAddress = true;
        }
    }

    private void Push(ref int depth, int frame)
    {
        if (depth == _chain.Length)
        {
            Array.Resize(ref _chain, depth * 2);
        }

        _chain[depth++] = frame;
    }

    /// <summary>A sample of the kernel whose chain has the user's part alone (<c>--user-callchains</c>).</summary>
    private static bool LacksLeaf(ReadOnlySpan<ulong> chain, RecordMisc cpuMode) =>
        cpuMode == RecordMisc.PERF_RECORD_MISC_KERNEL && chain is [CallchainContext.PERF_CONTEXT_USER, ..];

    private static FrameMode ModeOf(RecordMisc cpuMode) => cpuMode switch
    {
        RecordMisc.PERF_RECORD_MISC_KERNEL => FrameMode.Kernel,
        RecordMisc.PERF_RECORD_MISC_USER => FrameMode.User,
        RecordMisc.PERF_RECORD_MISC_HYPERVISOR => FrameMode.Hypervisor,
        RecordMisc.PERF_RECORD_MISC_GUEST_KERNEL => FrameMode.GuestKernel,
        RecordMisc.PERF_RECORD_MISC_GUEST_USER => FrameMode.GuestUser,
        _ => FrameMode.Unknown,
    };

    /// <summary>
    /// The mode that a marker announces; null for addresses, among them what a torn stack leaves in the markers' range.
    /// </summary>
    private static FrameMode? ModeOfContext(ulong entry) => entry switch
    {
        < CallchainContext.PERF_CONTEXT_MAX => null,
        CallchainContext.PERF_CONTEXT_KERNEL => FrameMode.Kernel,
        CallchainContext.PERF_CONTEXT_USER => FrameMode.User,
        CallchainContext.PERF_CONTEXT_HV => FrameMode.Hypervisor,
        CallchainContext.PERF_CONTEXT_GUEST_KERNEL => FrameMode.GuestKernel,
        CallchainContext.PERF_CONTEXT_GUEST_USER => FrameMode.GuestUser,
        _ => null,
    };
}
