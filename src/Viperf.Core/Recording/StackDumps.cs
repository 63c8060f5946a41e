using System.Runtime.InteropServices;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>Samples without the copies of the stack that they came with.</summary>
internal static class StackDumps
{
    /// <summary>Copies a sample, registers included, without its copy of the stack: as if none could have been made.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="layout">Of its event.</param>
    /// <param name="to">Takes the shorter sample; at least as long as the longer one.</param>
    /// <returns>Bytes of the shorter sample; as many as it had if there is no copy of the stack in it.</returns>
    public static int CopyWithout(RecordView sample, EventLayout layout, Span<byte> to)
    {
        var state = new SampleView(sample, layout).UserState();
        const int sizeBytes = sizeof(ulong);
        if (state.End - state.StackStart <= sizeBytes)
        {
            sample.Bytes.CopyTo(to);
            return sample.Bytes.Length;
        }

        // perf_event_open(2): { u64 size; char data[size]; u64 dyn_size; }, and the size alone where it is 0.
        sample.Bytes[..state.StackStart].CopyTo(to);
        to.Slice(state.StackStart, sizeBytes).Clear();
        var rest = sample.Bytes[state.End..];
        rest.CopyTo(to[(state.StackStart + sizeBytes)..]);
        int length = state.StackStart + sizeBytes + rest.Length;
        var header = MemoryMarshal.Read<RecordHeader>(to);
        header.size = (ushort)length;
        MemoryMarshal.Write(to, header);
        return length;
    }
}
