using Viperf.Agent.CPython;
using Viperf.Agent.Linux;
using Viperf.Agent.Trampolines;

namespace Viperf.Agent.Output;

/// <summary>
/// The <c>.eh_frame</c> and <c>.eh_frame_hdr</c> of generated code, as a jitdump has them: as if they lay behind the code,
/// whose size is rounded up to eight.
/// </summary>
internal static class UnwindInfo
{
    /// <summary>Bytes of an <c>.eh_frame_hdr</c> with one entry.</summary>
    public const int HeaderBytes = 20;

    private const int Alignment = 8;

    private const byte PcRelativeInt32 = 0x1b; // DW_EH_PE_pcrel | DW_EH_PE_sdata4
    private const byte UInt32 = 0x03; // DW_EH_PE_udata4
    private const byte DataRelativeInt32 = 0x3b; // DW_EH_PE_datarel | DW_EH_PE_sdata4

    private const int LengthBytes = 4;

    /// <summary>Adds both to a record.</summary>
    /// <param name="record">The record; its length is a multiple of eight.</param>
    /// <param name="layout">What trampolines look like.</param>
    /// <param name="codeBytes">Bytes of the code.</param>
    /// <param name="isTrampoline">False for an evaluator, which never has a frame.</param>
    /// <returns>Bytes of both.</returns>
    public static unsafe int Write(ref TextBuffer record, in Layout layout, int codeBytes, bool isTrampoline)
    {
        int start = record.Length;
        int codeRoom = (codeBytes + Alignment - 1) & ~(Alignment - 1);

        // Common information entry.
        record.AddUInt32(0); // its length, when it is known
        record.AddUInt32(0); // what makes it one
        record.Add([1, (byte)'z', (byte)'R', 0, 1]); // version; augmentation; code alignment
        record.Add(MachineCode.DataAlignment & 0x7f); // as one byte of SLEB128
        record.Add(MachineCode.ReturnAddress);
        record.Add([1, PcRelativeInt32]);
        MachineCode.WriteFirstRow(ref record);
        EndEntry(ref record, start);

        // Frame description entry.
        int entry = record.Length;
        record.AddUInt32(0);
        record.AddUInt32((uint)(entry + LengthBytes - start));
        record.AddUInt32((uint)(-(codeRoom + record.Length - start)));
        record.AddUInt32((uint)codeBytes);
        record.Add(0); // no augmentation data
        if (isTrampoline)
        {
            MachineCode.WriteTrampolineRows(ref record, layout);
        }

        EndEntry(ref record, entry);
        record.AddUInt32(0); // the end of .eh_frame
        record.Align(Alignment);

        int frameBytes = record.Length - start;
        record.Add([1, PcRelativeInt32, UInt32, DataRelativeInt32]);
        record.AddUInt32((uint)(-(frameBytes + LengthBytes)));
        record.AddUInt32(1);
        record.AddUInt32((uint)(-(codeRoom + frameBytes)));
        record.AddUInt32((uint)(entry - start - frameBytes));
        return record.Length - start;
    }

    /// <summary>Fills an entry with DW_CFA_nop and sets its length.</summary>
    private static unsafe void EndEntry(ref TextBuffer record, int entry)
    {
        record.Align(Alignment);
        *(int*)(record.First + entry) = record.Length - entry - LengthBytes;
    }
}
