using System.Runtime.InteropServices;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>Makes the attr of each event from what the user asked for, as perf 6.1 makes it.</summary>
internal static class AttrBuilder
{
    /// <summary>
    /// PERF_ATTR_SIZE_VER7: all that is set here lies before it, and perf 6.1 reads no file with longer ones.
    /// </summary>
    private const uint AttrSize = 128;

    /// <summary>
    /// The registers of a sample with a stack dump, as perf takes them: all that there are, less the segments DS, ES,
    /// FS and GS of x86-64 (bits 12 to 15), which the kernel refuses there.
    /// </summary>
    private static readonly ulong UserRegisters = RuntimeInformation.ProcessArchitecture == Architecture.Arm64
        ? (1UL << 33) - 1
        : 0xff0fff;

    /// <summary>What of a recording bears on every event's attr.</summary>
    /// <param name="Frequency">Samples a second, where no period is asked for.</param>
    /// <param name="SeveralEvents">More than one event, the dummy that tracks processes included.</param>
    /// <param name="OnExec">Counting begins when the launched program executes.</param>
    /// <param name="OfCpus">CPUs are recorded, not processes.</param>
    /// <param name="WakeupBytes">Bytes in a ring that the kernel wakes viperf for; 0 for half of it, the kernel's default.</param>
    public readonly record struct Setting(
        uint Frequency, bool SeveralEvents, bool OnExec, bool OfCpus, uint WakeupBytes = 0);

    /// <summary>The attr of <paramref name="spec"/>.</summary>
    /// <param name="spec">The event.</param>
    /// <param name="options">What the user asked for; the frequency has been checked.</param>
    /// <param name="setting">The rest of the recording.</param>
    /// <param name="tracking">True for the one event that carries mappings, names, forks and ends.</param>
    public static PerfEventAttr Build(EventSpec spec, RecordOptions options, Setting setting, bool tracking)
    {
        var attr = new PerfEventAttr
        {
            type = spec.Kind,
            size = AttrSize,
            config = spec.Config,
            sample_type = SampleFields(options, setting),
            read_format = ReadFormat.PERF_FORMAT_ID | ReadFormat.PERF_FORMAT_LOST,
            flags = AttrFlags.disabled | AttrFlags.sample_id_all | spec.Exclude,
        };

        if (options.Period is { } period)
        {
            attr.sample_period = period;
        }
        else
        {
            attr.sample_period = setting.Frequency;
            attr.flags |= AttrFlags.freq;
        }

        attr.flags |= (AttrFlags)((ulong)spec.Precision << 15); // the two bits of precise_ip
        Set(options.Inherit && !setting.OfCpus, AttrFlags.inherit);
        Set(setting.OnExec, AttrFlags.enable_on_exec);
        Set(options.AllUser, AttrFlags.exclude_kernel | AttrFlags.exclude_hv);
        Set(options.AllKernel, AttrFlags.exclude_user);
        Set(options.CallGraph && options.UserCallchains, AttrFlags.exclude_callchain_kernel);
        Set(options.CallGraph && (options.KernelCallchains || (options.StackDump > 0 && !options.FramePointersToo)), AttrFlags.exclude_callchain_user);
        if (options.CallGraph)
        {
            attr.sample_max_stack = (ushort)(options.MaxStack ?? 0);
            attr.sample_stack_user = (uint)options.StackDump;
            attr.sample_regs_user = options.StackDump > 0 ? UserRegisters : 0;
        }

        if (tracking)
        {
            attr.flags |= AttrFlags.mmap | AttrFlags.mmap2 | AttrFlags.comm | AttrFlags.comm_exec | AttrFlags.task
                | AttrFlags.ksymbol;
            Set(options.BpfEvents, AttrFlags.bpf_event);

            // Not for all that runs: the kernel would leave the mark of a build-id on the records of these mappings
            // that other recorders get, and perf 6.1 aborts over them.
            Set(options.BuildIds && !setting.OfCpus, AttrFlags.build_id);
            Set(WithAddresses(options), AttrFlags.mmap_data);
        }

        if (setting.WakeupBytes > 0)
        {
            attr.flags |= AttrFlags.watermark;
            attr.wakeup_events = setting.WakeupBytes; // in a union with wakeup_watermark
        }

        if (options.ClockId is { } clock)
        {
            attr.flags |= AttrFlags.use_clockid;
            attr.clockid = clock;
        }

        return attr;

        void Set(bool condition, AttrFlags flag) => attr.flags |= condition ? flag : 0;
    }

    /// <summary>
    /// The same fields for every event of a recording, so that one layout reads them all.
    /// </summary>
    private static SampleFormat SampleFields(RecordOptions options, Setting setting)
    {
        var fields = SampleFormat.PERF_SAMPLE_IP | SampleFormat.PERF_SAMPLE_TID | SampleFormat.PERF_SAMPLE_TIME
            | SampleFormat.PERF_SAMPLE_PERIOD;
        fields |= setting.SeveralEvents ? SampleFormat.PERF_SAMPLE_IDENTIFIER : 0;
        fields |= setting.OfCpus || options.SampleCpu ? SampleFormat.PERF_SAMPLE_CPU : 0;
        fields |= options.CallGraph ? SampleFormat.PERF_SAMPLE_CALLCHAIN : 0;
        fields |= options.CallGraph && options.StackDump > 0
            ? SampleFormat.PERF_SAMPLE_REGS_USER | SampleFormat.PERF_SAMPLE_STACK_USER
            : 0;
        fields |= WithAddresses(options) ? SampleFormat.PERF_SAMPLE_ADDR | SampleFormat.PERF_SAMPLE_DATA_SRC : 0;
        return fields;
    }

    /// <summary>
    /// perf's unwinders read constants next to the call frame information, in mappings that are not executable; with
    /// these perf 6.1 takes addresses as well. What is unwound while it is recorded is not for perf to unwind.
    /// </summary>
    private static bool WithAddresses(RecordOptions options) =>
        options.Addresses || (options.CallGraph && options.StackDump > 0 && options.LiveRecords == null);
}
