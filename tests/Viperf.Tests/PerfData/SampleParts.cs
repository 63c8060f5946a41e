using System.Runtime.InteropServices;
using Viperf.Formats.PerfData;

namespace Viperf.Tests.PerfData;

/// <summary>
/// A sample put together part by part, in the kernel's order (perf_output_sample): what stands before and behind a part
/// must not matter to who reads or replaces it.
/// </summary>
internal sealed class SampleParts
{
    private static readonly SampleFormat[] s_order =
    [
        SampleFormat.PERF_SAMPLE_IDENTIFIER, SampleFormat.PERF_SAMPLE_IP, SampleFormat.PERF_SAMPLE_TID, SampleFormat.PERF_SAMPLE_TIME,
        SampleFormat.PERF_SAMPLE_ADDR, SampleFormat.PERF_SAMPLE_ID, SampleFormat.PERF_SAMPLE_STREAM_ID, SampleFormat.PERF_SAMPLE_CPU,
        SampleFormat.PERF_SAMPLE_PERIOD, SampleFormat.PERF_SAMPLE_READ, SampleFormat.PERF_SAMPLE_CALLCHAIN, SampleFormat.PERF_SAMPLE_RAW,
        SampleFormat.PERF_SAMPLE_BRANCH_STACK, SampleFormat.PERF_SAMPLE_REGS_USER, SampleFormat.PERF_SAMPLE_STACK_USER,
        SampleFormat.PERF_SAMPLE_WEIGHT, SampleFormat.PERF_SAMPLE_DATA_SRC, SampleFormat.PERF_SAMPLE_TRANSACTION,
        SampleFormat.PERF_SAMPLE_REGS_INTR, SampleFormat.PERF_SAMPLE_PHYS_ADDR, SampleFormat.PERF_SAMPLE_CGROUP,
        SampleFormat.PERF_SAMPLE_DATA_PAGE_SIZE, SampleFormat.PERF_SAMPLE_CODE_PAGE_SIZE, SampleFormat.PERF_SAMPLE_AUX,
    ];

    private readonly Dictionary<SampleFormat, byte[]> _parts = [];
    private PerfEventAttr _attr = new() { type = PerfEventKind.PERF_TYPE_SOFTWARE, size = PerfEventAttr.CurrentSize };

    public PerfEventAttr Attr => _attr with { sample_type = _parts.Keys.Aggregate((SampleFormat)0, (all, part) => all | part) };

    public EventLayout Layout => new(Attr);

    public RecordMisc Mode { get; init; } = RecordMisc.PERF_RECORD_MISC_USER;

    public SampleParts Bytes(SampleFormat part, params byte[] bytes)
    {
        _parts[part] = bytes;
        return this;
    }

    public SampleParts Words(SampleFormat part, params ReadOnlySpan<ulong> words) => Bytes(part, MemoryMarshal.AsBytes(words).ToArray());

    public SampleParts Without(SampleFormat part)
    {
        _parts.Remove(part);
        return this;
    }

    public SampleParts Chain(params ReadOnlySpan<ulong> chain) =>
        Words(SampleFormat.PERF_SAMPLE_CALLCHAIN, [(ulong)chain.Length, .. chain]);

    /// <summary>Counters: those that the format says, of as many events as the group has.</summary>
    public SampleParts Read(ReadFormat format, int events)
    {
        _attr.read_format = format;
        bool isGroup = format.HasFlag(ReadFormat.PERF_FORMAT_GROUP);
        List<ulong> words = isGroup ? [(ulong)events] : [1000];
        words.AddRange(format.HasFlag(ReadFormat.PERF_FORMAT_TOTAL_TIME_ENABLED) ? [2000] : []);
        words.AddRange(format.HasFlag(ReadFormat.PERF_FORMAT_TOTAL_TIME_RUNNING) ? [3000] : []);
        for (int i = 0; i < (isGroup ? events : 1); i++)
        {
            words.AddRange(isGroup ? [4000] : []);
            words.AddRange(format.HasFlag(ReadFormat.PERF_FORMAT_ID) ? [5000] : []);
            words.AddRange(format.HasFlag(ReadFormat.PERF_FORMAT_LOST) ? [6000] : []);
        }

        return Words(SampleFormat.PERF_SAMPLE_READ, [.. words]);
    }

    /// <summary>Bytes of a tracepoint, brought to the size that the kernel would give them.</summary>
    public SampleParts Raw(int bytes)
    {
        int size = ((bytes + 4 + 7) & ~7) - 4;
        return Bytes(SampleFormat.PERF_SAMPLE_RAW, [.. BitConverter.GetBytes(size), .. Enumerable.Repeat<byte>(0xee, size)]);
    }

    public SampleParts Branches(int count, BranchSampleType kind)
    {
        _attr.branch_sample_type = (ulong)kind;
        ulong[] index = kind.HasFlag(BranchSampleType.PERF_SAMPLE_BRANCH_HW_INDEX) ? [77] : [];
        int counters = kind.HasFlag(BranchSampleType.PERF_SAMPLE_BRANCH_COUNTERS) ? count : 0;
        return Words(SampleFormat.PERF_SAMPLE_BRANCH_STACK,
            [(ulong)count, .. index, .. Enumerable.Repeat(0x1234UL, 3 * count), .. Enumerable.Repeat(0x5678UL, counters)]);
    }

    /// <summary>The user's registers, of the mask's lowest numbers.</summary>
    public SampleParts Registers(RegistersAbi abi, ulong mask, params ulong[] values)
    {
        _attr.sample_regs_user = mask;
        return Words(SampleFormat.PERF_SAMPLE_REGS_USER, [(ulong)abi, .. values]);
    }

    /// <summary>Room for a stack, and how much of it was copied.</summary>
    public SampleParts Stack(int room, int copied)
    {
        _attr.sample_stack_user = (uint)room;
        byte[] bytes = [.. Enumerable.Range(0, room).Select(i => (byte)i)];
        return Bytes(SampleFormat.PERF_SAMPLE_STACK_USER,
            [.. BitConverter.GetBytes((ulong)room), .. bytes, .. room == 0 ? [] : BitConverter.GetBytes((ulong)copied)]);
    }

    /// <summary>The record.</summary>
    public byte[] Record()
    {
        byte[] body = [.. s_order.Where(_parts.ContainsKey).SelectMany(part => _parts[part])];
        var header = new RecordHeader
        {
            type = RecordType.PERF_RECORD_SAMPLE,
            misc = Mode,
            size = checked((ushort)(RecordHeader.ByteCount + body.Length)),
        };
        return [.. MemoryMarshal.AsBytes(new ReadOnlySpan<RecordHeader>(in header)), .. body];
    }
}
