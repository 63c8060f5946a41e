using System.Runtime.InteropServices;
using Viperf.Core.Linux;
using Viperf.Core.Recording;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.Recording;

/// <summary>A ring in shared memory, as the kernel lays it out, and the kernel's side of it.</summary>
internal sealed unsafe class FakeRing : IDisposable
{
    public const int PageBytes = 4096;

    /// <summary>What samples have: with registers and a stack, and a part behind them.</summary>
    public static readonly PerfEventAttr Attr = new()
    {
        sample_type = SampleFormat.PERF_SAMPLE_IP | SampleFormat.PERF_SAMPLE_TID | SampleFormat.PERF_SAMPLE_TIME
            | SampleFormat.PERF_SAMPLE_CALLCHAIN | SampleFormat.PERF_SAMPLE_REGS_USER
            | SampleFormat.PERF_SAMPLE_STACK_USER | SampleFormat.PERF_SAMPLE_DATA_SRC | SampleFormat.PERF_SAMPLE_IDENTIFIER,
        flags = AttrFlags.sample_id_all,
        sample_regs_user = 0b101,
        size = 128,
    };

    public static readonly EventDescription Event = new(0, Attr, "cpu-clock", [1]);

    private readonly byte* _start;
    private readonly int _size;

    public FakeRing(int pages)
    {
        _size = pages * PageBytes;
        string path = Path.GetTempFileName();
        using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite))
        {
            file.SetLength(PageBytes + _size);
            var mapping = SharedMapping.TryCreate((int)file.SafeFileHandle.DangerousGetHandle(), PageBytes + _size, out _)!;
            _start = mapping.Start;
            // struct perf_event_mmap_page: data_offset and data_size.
            *(ulong*)(_start + 1040) = PageBytes;
            *(ulong*)(_start + 1048) = (ulong)_size;
            Ring = new Ring(mapping, Event.Layout);
        }

        File.Delete(path);
    }

    public Ring Ring { get; }

    public ulong Head => *(ulong*)(_start + 1024);

    public ulong Tail => *(ulong*)(_start + 1032);

    /// <summary>A sample whose registers, stack and last part can be told from others'.</summary>
    public static byte[] Sample(ulong time, int stackBytes, ulong id = 1)
    {
        var stack = Enumerable.Range(0, stackBytes / 8).Select(index => (time << 16) + (ulong)index);
        ulong[] stackPart = stackBytes == 0 ? [0] : [(ulong)stackBytes, .. stack, (ulong)stackBytes];
        return Record(RecordType.PERF_RECORD_SAMPLE, [id, 0x1000 + time, 7UL | 7UL << 32, time, 2, 0xffff, 0x2000, 2, time, ~time, .. stackPart, 0xda7a]);
    }

    /// <summary>A record of another kind: a thread has ended; its trailer has the time.</summary>
    public static byte[] Exit(ulong time, ulong id = 1) =>
        Record(RecordType.PERF_RECORD_EXIT, [7UL | 1UL << 32, 7UL | 1UL << 32, time, 7UL | 7UL << 32, time, id]);

    /// <summary>The kernel's word that there was no room.</summary>
    public static byte[] Lost(ulong time, ulong count) =>
        Record(RecordType.PERF_RECORD_LOST, [1, count, 7UL | 7UL << 32, time, 1]);

    /// <summary>Writes a record as the kernel does, if there is room.</summary>
    public bool TryWrite(byte[] record)
    {
        if (Head + (ulong)record.Length - Tail > (ulong)_size)
        {
            return false;
        }

        for (int i = 0; i < record.Length; i++)
        {
            _start[PageBytes + (int)((Head + (ulong)i) % (ulong)_size)] = record[i];
        }

        Volatile.Write(ref *(ulong*)(_start + 1024), Head + (ulong)record.Length);
        return true;
    }

    public FakeRing Write(params byte[][] records)
    {
        Assert.All(records, record => Assert.True(TryWrite(record)));
        return this;
    }

    public void Dispose() => Ring.Dispose();

    private static byte[] Record(RecordType type, ulong[] body)
    {
        byte[] record = new byte[RecordHeader.ByteCount + body.Length * sizeof(ulong)];
        MemoryMarshal.Write(record, new RecordHeader { type = type, misc = RecordMisc.PERF_RECORD_MISC_USER, size = (ushort)record.Length });
        MemoryMarshal.AsBytes(body.AsSpan()).CopyTo(record.AsSpan(RecordHeader.ByteCount));
        return record;
    }
}
