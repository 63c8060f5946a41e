using System.Globalization;
using Viperf.Formats.PerfData;

namespace Viperf.Cli.Text;

/// <summary>What an event asks of the kernel, in perf's words: <c>evlist -v</c> and the header's event lines.</summary>
internal static class AttrText
{
    /// <summary>perf's order of sample_type, which is not that of the bits; perf leaves TRANSACTION out.</summary>
    private static readonly (SampleFormat Bit, string Name)[] s_sampleType =
    [
        (SampleFormat.PERF_SAMPLE_IP, "IP"),
        (SampleFormat.PERF_SAMPLE_TID, "TID"),
        (SampleFormat.PERF_SAMPLE_TIME, "TIME"),
        (SampleFormat.PERF_SAMPLE_ADDR, "ADDR"),
        (SampleFormat.PERF_SAMPLE_READ, "READ"),
        (SampleFormat.PERF_SAMPLE_CALLCHAIN, "CALLCHAIN"),
        (SampleFormat.PERF_SAMPLE_ID, "ID"),
        (SampleFormat.PERF_SAMPLE_CPU, "CPU"),
        (SampleFormat.PERF_SAMPLE_PERIOD, "PERIOD"),
        (SampleFormat.PERF_SAMPLE_STREAM_ID, "STREAM_ID"),
        (SampleFormat.PERF_SAMPLE_RAW, "RAW"),
        (SampleFormat.PERF_SAMPLE_BRANCH_STACK, "BRANCH_STACK"),
        (SampleFormat.PERF_SAMPLE_REGS_USER, "REGS_USER"),
        (SampleFormat.PERF_SAMPLE_STACK_USER, "STACK_USER"),
        (SampleFormat.PERF_SAMPLE_IDENTIFIER, "IDENTIFIER"),
        (SampleFormat.PERF_SAMPLE_REGS_INTR, "REGS_INTR"),
        (SampleFormat.PERF_SAMPLE_DATA_SRC, "DATA_SRC"),
        (SampleFormat.PERF_SAMPLE_WEIGHT, "WEIGHT"),
        (SampleFormat.PERF_SAMPLE_PHYS_ADDR, "PHYS_ADDR"),
        (SampleFormat.PERF_SAMPLE_AUX, "AUX"),
        (SampleFormat.PERF_SAMPLE_CGROUP, "CGROUP"),
        (SampleFormat.PERF_SAMPLE_DATA_PAGE_SIZE, "DATA_PAGE_SIZE"),
        (SampleFormat.PERF_SAMPLE_CODE_PAGE_SIZE, "CODE_PAGE_SIZE"),
        (SampleFormat.PERF_SAMPLE_WEIGHT_STRUCT, "WEIGHT_STRUCT"),
    ];

    private static readonly (ReadFormat Bit, string Name)[] s_readFormat =
    [
        (ReadFormat.PERF_FORMAT_TOTAL_TIME_ENABLED, "TOTAL_TIME_ENABLED"),
        (ReadFormat.PERF_FORMAT_TOTAL_TIME_RUNNING, "TOTAL_TIME_RUNNING"),
        (ReadFormat.PERF_FORMAT_ID, "ID"),
        (ReadFormat.PERF_FORMAT_GROUP, "GROUP"),
        (ReadFormat.PERF_FORMAT_LOST, "LOST"),
    ];

    private static readonly string[] s_branchTypes =
    [
        "USER", "KERNEL", "HV", "ANY", "ANY_CALL", "ANY_RETURN", "IND_CALL", "ABORT_TX", "IN_TX", "NO_TX", "COND",
        "CALL_STACK", "IND_JUMP", "CALL", "NO_FLAGS", "NO_CYCLES", "TYPE_SAVE", "HW_INDEX", "PRIV_SAVE",
    ];

    /// <summary>The flags of one bit before precise_ip, then those after it, in the order of their bits.</summary>
    private static readonly AttrFlags[] s_flagsBeforePrecision =
    [
        AttrFlags.disabled, AttrFlags.inherit, AttrFlags.pinned, AttrFlags.exclusive, AttrFlags.exclude_user,
        AttrFlags.exclude_kernel, AttrFlags.exclude_hv, AttrFlags.exclude_idle, AttrFlags.mmap, AttrFlags.comm,
        AttrFlags.freq, AttrFlags.inherit_stat, AttrFlags.enable_on_exec, AttrFlags.task, AttrFlags.watermark,
    ];

    private static readonly AttrFlags[] s_flagsAfterPrecision =
    [
        AttrFlags.mmap_data, AttrFlags.sample_id_all, AttrFlags.exclude_host, AttrFlags.exclude_guest,
        AttrFlags.exclude_callchain_kernel, AttrFlags.exclude_callchain_user, AttrFlags.mmap2, AttrFlags.comm_exec,
        AttrFlags.use_clockid, AttrFlags.context_switch, AttrFlags.write_backward, AttrFlags.namespaces,
        AttrFlags.ksymbol, AttrFlags.bpf_event, AttrFlags.aux_output, AttrFlags.cgroup, AttrFlags.text_poke,
        AttrFlags.build_id, AttrFlags.inherit_thread, AttrFlags.remove_on_exec, AttrFlags.sigtrap,
        AttrFlags.defer_callchain, AttrFlags.defer_output,
    ];

    /// <summary>Names and values of the fields that are not zero, in perf's order.</summary>
    public static List<(string Name, string Value)> Fields(PerfEventAttr attr)
    {
        var fields = new List<(string, string)>();
        Number("type", (uint)attr.type);
        Number("size", attr.size);
        Hex("config", attr.config);
        Number("{ sample_period, sample_freq }", attr.sample_period);
        Bits("sample_type", s_sampleType.Where(entry => (attr.sample_type & entry.Bit) != 0).Select(entry => entry.Name));
        Bits("read_format", s_readFormat.Where(entry => (attr.read_format & entry.Bit) != 0).Select(entry => entry.Name));
        Flags(s_flagsBeforePrecision);
        Number("precise_ip", (ulong)(attr.flags & AttrFlags.precise_ip) >> BitOfPrecision);
        Flags(s_flagsAfterPrecision);
        Number("{ wakeup_events, wakeup_watermark }", attr.wakeup_events);
        Number("bp_type", attr.bp_type);
        Hex("{ bp_addr, config1 }", attr.config1);
        Hex("{ bp_len, config2 }", attr.config2);
        Bits("branch_sample_type", s_branchTypes.Where((_, bit) => (attr.branch_sample_type >> bit & 1) != 0));
        Hex("sample_regs_user", attr.sample_regs_user);
        Number("sample_stack_user", attr.sample_stack_user);
        if (attr.clockid != 0)
        {
            fields.Add(("clockid", attr.clockid.ToString(CultureInfo.InvariantCulture)));
        }

        Hex("sample_regs_intr", attr.sample_regs_intr);
        Number("aux_watermark", attr.aux_watermark);
        Number("sample_max_stack", attr.sample_max_stack);
        Number("aux_sample_size", attr.aux_sample_size);
        Number("sig_data", attr.sig_data);
        return fields;

        void Number(string name, ulong value)
        {
            if (value != 0)
            {
                fields.Add((name, value.ToString(CultureInfo.InvariantCulture)));
            }
        }

        void Hex(string name, ulong value)
        {
            if (value != 0)
            {
                fields.Add((name, $"0x{value:x}"));
            }
        }

        void Bits(string name, IEnumerable<string> names)
        {
            string text = string.Join('|', names);
            if (text.Length > 0)
            {
                fields.Add((name, text));
            }
        }

        void Flags(AttrFlags[] flags)
        {
            foreach (var flag in flags)
            {
                if ((attr.flags & flag) != 0)
                {
                    fields.Add((flag.ToString(), "1"));
                }
            }
        }
    }

    /// <summary>Lowest of the two bits of <see cref="AttrFlags.precise_ip"/>.</summary>
    private const int BitOfPrecision = 15;
}
