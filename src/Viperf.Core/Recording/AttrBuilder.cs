using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>Makes the attr of each event from what the user asked for, as perf 6.1 makes it.</summary>
internal static class AttrBuilder
{
    /// <summary>
    /// PERF_ATTR_SIZE_VER7: all that is set here lies before it, and perf 6.1 reads no file with longer ones.
    /// </summary>
    private const uint AttrSize = 128;

    /// <summary>What of a recording bears on every event's attr.</summary>
    /// <param name="Frequency">Samples a second, where no period is asked for.</param>
    /// <param name="SeveralEvents">More than one event, the dummy that tracks processes included.</param>
    /// <param name="OnExec">Counting begins when the launched program executes.</param>
    /// <param name="OfCpus">CPUs are recorded, not processes.</param>
    public readonly record struct Setting(uint Frequency, bool SeveralEvents, bool OnExec, bool OfCpus);

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
        Set(options.CallGraph && options.KernelCallchains, AttrFlags.exclude_callchain_user);
        if (tracking)
        {
            attr.flags |= AttrFlags.mmap | AttrFlags.mmap2 | AttrFlags.comm | AttrFlags.comm_exec | AttrFlags.task
                | AttrFlags.ksymbol;
            Set(options.BpfEvents, AttrFlags.bpf_event);

            // Not for all that runs: the kernel would leave the mark of a build-id on the records of these mappings
            // that other recorders get, and perf 6.1 aborts over them.
            Set(options.BuildIds && !setting.OfCpus, AttrFlags.build_id);
            Set(options.Addresses, AttrFlags.mmap_data);
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
        fields |= options.Addresses ? SampleFormat.PERF_SAMPLE_ADDR : 0;
        return fields;
    }
}
