using Viperf.Core.Processes;
using Viperf.Core.Profiles;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>
/// Turns records into a profile: follows processes, places every address of a call chain in a module and hands
/// samples on. It does not know where the records come from, opens no file and looks up no name. One
/// converter serves one recording, live or read back.
/// </summary>
/// <param name="profile">What it fills.</param>
/// <param name="jitCode">Tells jitted code apart that lay at one address at different times.</param>
/// <param name="sink">Who takes the samples.</param>
/// <param name="options">What to keep.</param>
public sealed class Converter(Profile profile, IJitCodeFinder jitCode, ISampleSink sink, ConverterOptions options) : IRecordSink
{
    private readonly ProcessTimeline _timeline = new(profile);

    /// <summary>The current sample's frames, leaf first; grows to the deepest chain met and stays.</summary>
    private int[] _chain = new int[128];

    /// <summary>The current sample's time, if it is one that jitdumps know.</summary>
    private ulong? _monotonicTime;

    /// <inheritdoc/>
    public void OnRecord(RecordView record, EventDescription source, ulong time)
    {
        switch (record.Type)
        {
            case RecordType.PERF_RECORD_SAMPLE:
                OnSample(record, source, time);
                break;
            case RecordType.PERF_RECORD_MMAP or RecordType.PERF_RECORD_MMAP2:
                _timeline.OnMmap(new MmapView(record));
                break;
            case RecordType.PERF_RECORD_COMM:
                _timeline.OnComm(new CommView(record));
                break;
            case RecordType.PERF_RECORD_FORK:
                bool fromProc = (record.Misc & RecordMisc.PERF_RECORD_MISC_FORK_EXEC) != 0;
                _timeline.OnFork(new TaskView(record), time, fromProc);
                break;
            case RecordType.PERF_RECORD_LOST:
                profile.LostRecords += new LostView(record).Count;
                break;
            case RecordType.PERF_RECORD_LOST_SAMPLES:
                profile.LostSamples += new LostView(record).Count;
                break;
        }
    }

    private void OnSample(RecordView record, EventDescription source, ulong time)
    {
        if (time < options.From || time > options.To)
        {
            return;
        }

        var sample = new SampleView(record, source.Layout);
        var chain = sample.Callchain();
        var thread = _timeline.Thread(sample.Pid, sample.Tid);
        _monotonicTime = source.HasMonotonicTime ? time : null;
        int depth = Place(chain, thread.Process, ModeOf(record.CpuMode));
        bool leafAdded = false;
        if (depth == 0 || LacksLeaf(chain, record.CpuMode))
        {
            leafAdded = depth != 0;
            Push(ref depth, 0);
            Array.Copy(_chain, 0, _chain, 1, depth - 1);
            _chain[0] = FrameAt(sample.Ip, thread.Process, ModeOf(record.CpuMode), isReturnAddress: false);
        }

        int stack = StackTable.Empty;
        for (int i = Math.Min(depth, options.MaxStack) - 1; i >= 0; i--)
        {
            stack = profile.Stacks.Intern(stack, _chain[i]);
        }

        profile.FirstSampleTime = profile.FirstSampleTime == 0 ? time : Math.Min(profile.FirstSampleTime, time);
        profile.LastSampleTime = Math.Max(profile.LastSampleTime, time);
        ulong period = source.Layout.PeriodOffset >= 0 ? sample.Period : source.Attr.sample_period;
        var key = new SampleKey(
            source.Index, sample.Pid, sample.Tid, thread.Comm, options.KeepCpu ? sample.Cpu : -1, stack);
        sink.OnSample(new ConvertedSample(source, key, sample.Ip, time, period, chain.Length != 0, leafAdded));
    }

    /// <summary>Fills <see cref="_chain"/> with a call chain's frames, leaf first, and returns their number.</summary>
    private int Place(ReadOnlySpan<ulong> chain, ProcessState process, FrameMode mode)
    {
        int depth = 0;
        bool isReturnAddress = false;
        foreach (ulong address in chain)
        {
            if (ModeOfContext(address) is { } switched)
            {
                mode = switched;
                isReturnAddress = false;
                continue;
            }

            Push(ref depth, FrameAt(address, process, mode, isReturnAddress));
            isReturnAddress = true;
        }

        return depth;
    }

    private void Push(ref int depth, int frame)
    {
        if (depth == _chain.Length)
        {
            Array.Resize(ref _chain, depth * 2);
        }

        _chain[depth++] = frame;
    }

    private int FrameAt(ulong address, ProcessState process, FrameMode mode, bool isReturnAddress)
    {
        var mapping = mode switch
        {
            FrameMode.Kernel => _timeline.FindKernel(address),
            FrameMode.User when process.TryFind(address, out var found) => found,
            _ => default, // module 0, the unknown one, at its virtual address
        };
        var frame = new Frame(address - mapping.Bias, mapping.Module, mode, isReturnAddress);
        if (mapping.IsJit && jitCode.Find(process, frame.LookupAddress, _monotonicTime) is not JitCodeTable.None and var code)
        {
            frame = frame with { Module = profile.JitCodes[code].Module, JitCode = code };
        }

        return profile.Frames.Intern(frame);
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
