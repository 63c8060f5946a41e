using System.Runtime.InteropServices;
using System.Text;
using Viperf.Core.Pipeline;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Formats.PerfData;

namespace Viperf.Tests.Pipeline;

/// <summary>Plays records to a converter and tells what became of the samples.</summary>
internal sealed class Scene : ISampleSink
{
    private const SampleFormat Format = SampleFormat.PERF_SAMPLE_IP | SampleFormat.PERF_SAMPLE_TID
        | SampleFormat.PERF_SAMPLE_TIME | SampleFormat.PERF_SAMPLE_PERIOD | SampleFormat.PERF_SAMPLE_CALLCHAIN;

    private readonly EventDescription _event;
    private readonly RecordBuilder _records;
    private readonly Converter _converter;

    public Scene(ConverterOptions? options = null, int? clock = null)
    {
        var flags = AttrFlags.sample_id_all | (clock is null ? 0 : AttrFlags.use_clockid);
        _event = new EventDescription(
            0, new PerfEventAttr { sample_type = Format, flags = flags, clockid = clock ?? 0 }, "cpu-clock", [1]);
        _records = new RecordBuilder(_event.Layout);
        JitDumps = new JitDumps(Profile, new SymbolizerOptions());
        _converter = new Converter(Profile, new JitCodeFinder(JitDumps), this, options ?? new ConverterOptions());
    }

    public Profile Profile { get; } = new();

    public JitDumps JitDumps { get; }

    /// <summary>Per sample: command, then frames leaf first as <c>module+address</c>, a return address with a tilde and code
    /// of a jitdump with its name.</summary>
    public List<string> Samples { get; } = [];

    public Scene Map(int pid, ulong start, ulong length, string name, ulong fileOffset = 0, uint protection = 5) => Play(
        _records.Mmap2(
            new MappedFile
            {
                Pid = pid,
                Tid = pid,
                Start = start,
                Length = length,
                FileOffset = fileOffset,
                Protection = protection,
                FileName = Encoding.UTF8.GetBytes(name),
            },
            pid < 0 ? RecordMisc.PERF_RECORD_MISC_KERNEL : RecordMisc.PERF_RECORD_MISC_USER));

    public Scene Comm(int pid, string name, bool exec = false) => Play(_records.Comm(pid, pid, Encoding.UTF8.GetBytes(name), exec));

    public Scene Fork(int pid, int parent, ulong time = 0) => Play(_records.Fork(pid, parent, pid, parent), time);

    public Scene Sample(int pid, ulong ip, RecordMisc mode, params ulong[] chain) => SampleAt(1, pid, ip, mode, chain);

    public Scene SampleAt(ulong time, int pid, ulong ip, RecordMisc mode, params ulong[] chain)
    {
        ulong[] body = [ip, (uint)pid | (ulong)pid << 32, time, 1, (ulong)chain.Length, .. chain];
        var header = new RecordHeader
        {
            type = RecordType.PERF_RECORD_SAMPLE,
            misc = mode,
            size = (ushort)(RecordHeader.ByteCount + body.Length * sizeof(ulong)),
        };
        byte[] record = new byte[header.size];
        MemoryMarshal.Write(record, header);
        MemoryMarshal.AsBytes(body.AsSpan()).CopyTo(record.AsSpan(RecordHeader.ByteCount));
        return Play(record, time);
    }

    public void OnSample(in ConvertedSample sample)
    {
        var text = new StringBuilder(Profile.Comms[sample.Key.Comm]);
        for (int stack = sample.Key.Stack; stack != StackTable.Empty; stack = Profile.Stacks.ParentOf(stack))
        {
            var frame = Profile.Frames[Profile.Stacks.FrameOf(stack)];
            text.Append($" {(frame.IsReturnAddress ? "~" : "")}{Profile.Modules[frame.Module].Name}+{frame.Address:x}");
            text.Append(frame.JitCode == JitCodeTable.None ? "" : $"={JitDumps.NameOf(frame.JitCode)}");
        }

        Samples.Add(text.ToString());
    }

    private Scene Play(ReadOnlySpan<byte> record, ulong time = 0)
    {
        _converter.OnRecord(new RecordView(record, "scene", 0), _event, time);
        return this;
    }
}
