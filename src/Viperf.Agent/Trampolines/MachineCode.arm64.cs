#if ARM64
using System.Runtime;
using System.Runtime.CompilerServices;
using Viperf.Agent.CPython;
using Viperf.Agent.Linux;

namespace Viperf.Agent.Trampolines;

/// <summary>The code that the agent generates, for aarch64 by its procedure call standard.</summary>
internal static unsafe class MachineCode
{
    /// <summary>EM_AARCH64.</summary>
    public const uint ElfMachine = 183;

    /// <summary>DWARF's data alignment and number of the return address's register.</summary>
    public const int DataAlignment = -8;
    public const byte ReturnAddress = 30;

    private const byte X29 = 29;
    private const byte Sp = 31;

    private const byte DW_CFA_advance_loc = 0x40;
    private const byte DW_CFA_offset = 0x80;
    private const byte DW_CFA_restore = 0xc0;
    private const byte DW_CFA_def_cfa = 0x0c;
    private const byte DW_CFA_def_cfa_offset = 0x0e;

    /// <summary>ldr x0, with the distance of what is loaded to be added.</summary>
    private const uint LoadLiteral = 0x58000000;

    private const int InstructionBytes = 4;

    private static int PlainBytes => 5 * InstructionBytes;

    private static int CountingBytes => 13 * InstructionBytes;

    /// <summary>Bytes of a trampoline: see <see cref="WriteTrampoline"/>.</summary>
    public static int TrampolineBytes(in Layout layout) => layout.CallsLeft == 0 ? PlainBytes : CountingBytes;

    /// <summary>
    /// Writes a trampoline, which calls the evaluator that it gets as fourth argument. It is CPython's own; where C calls are
    /// counted that should not be, it gives calls back while it lasts.
    /// </summary>
    public static void WriteTrampoline(ref TextBuffer code, in Layout layout)
    {
        if (layout.CallsLeft == 0)
        {
            code.AddUInt32(0xa9bf7bfd); // stp x29, x30, [sp, #-16]!
            code.AddUInt32(0x910003fd); // mov x29, sp
            code.AddUInt32(0xd63f0060); // blr x3
            code.AddUInt32(0xa8c17bfd); // ldp x29, x30, [sp], #16
        }
        else
        {
            uint counter = (uint)(layout.CallsLeft / InstructionBytes) << 10;
            uint back = (uint)layout.CallsGivenBack << 10;
            code.AddUInt32(0xa9be7bfd); // stp x29, x30, [sp, #-32]!
            code.AddUInt32(0x910003fd); // mov x29, sp
            code.AddUInt32(0xf9000be0); // str x0, [sp, #16]
            code.AddUInt32(0xb9400009 | counter); // ldr w9, [x0, #CallsLeft]
            code.AddUInt32(0x11000129 | back); // add w9, w9, #CallsGivenBack
            code.AddUInt32(0xb9000009 | counter); // str w9, [x0, #CallsLeft]
            code.AddUInt32(0xd63f0060); // blr x3
            code.AddUInt32(0xf9400be9); // ldr x9, [sp, #16]
            code.AddUInt32(0xb940012a | counter); // ldr w10, [x9, #CallsLeft]
            code.AddUInt32(0x5100014a | back); // sub w10, w10, #CallsGivenBack
            code.AddUInt32(0xb900012a | counter); // str w10, [x9, #CallsLeft]
            code.AddUInt32(0xa8c27bfd); // ldp x29, x30, [sp], #32
        }

        code.AddUInt32(0xd65f03c0); // ret
    }

    /// <summary>Writes the call frame instructions that are true at the start of every function.</summary>
    public static void WriteFirstRow(ref TextBuffer rows) => rows.Add([DW_CFA_def_cfa, Sp, 0]);

    /// <summary>Writes the call frame instructions of a trampoline, behind those of its start.</summary>
    public static void WriteTrampolineRows(ref TextBuffer rows, in Layout layout)
    {
        byte words = (byte)(layout.CallsLeft == 0 ? 2 : 4);
        rows.Add([DW_CFA_advance_loc + 4, DW_CFA_def_cfa_offset]);
        rows.Add((byte)(words * 8));
        rows.Add(DW_CFA_offset + X29);
        rows.Add(words);
        rows.Add(DW_CFA_offset + ReturnAddress);
        rows.Add((byte)(words - 1));
        rows.Add((byte)(DW_CFA_advance_loc + TrampolineBytes(layout) - 8));
        rows.Add([DW_CFA_restore + X29, DW_CFA_restore + ReturnAddress, DW_CFA_def_cfa_offset, 0]);
    }

    /// <summary>
    /// Writes the evaluator: it finds the trampoline in the code object's own slot and jumps to it, so that it has no frame.
    /// </summary>
    /// <param name="code">Where to.</param>
    /// <param name="layout">Where CPython keeps what is read.</param>
    /// <param name="evaluator">What is handed to the agent for code without a trampoline.</param>
    /// <param name="index">The slot's number.</param>
    /// <param name="firstCall">Where to go then.</param>
    /// <param name="stackLimit">Offset of the thread's limit from its thread pointer.</param>
    public static void WriteEvaluator(
        ref TextBuffer code, in Layout layout, Evaluator* evaluator, nint index, void* firstCall, int stackLimit)
    {
        byte* toPatch = stackalloc byte[4]; // the places of the jumps to where the first call is made
        int patches = 0;
        if (layout.NeedsStackLimit)
        {
            code.AddUInt32(0xd53bd049); // mrs x9, tpidr_el0
            code.AddUInt32(0xf9400129 | ((uint)(stackLimit / 8) << 10)); // ldr x9, [x9, #stackLimit]
            code.AddUInt32(0xeb2963ff); // cmp sp, x9
            toPatch[patches++] = (byte)code.Length;
            code.AddUInt32(0x54000003); // b.lo first
        }

        uint frame = layout.FrameIsFirst ? 0u : 1u;
        code.AddUInt32(0xf9400009 | (frame << 5) | ((uint)(layout.FrameCode / 8) << 10)); // ldr x9, [frame, #code]
        if (layout.FrameTag != 0)
        {
            code.AddUInt32(0x927ef529); // and x9, x9, #~3
        }

        code.AddUInt32(0xf9400129 | ((uint)(layout.CodeExtra / 8) << 10)); // ldr x9, [x9, #co_extra]
        toPatch[patches++] = (byte)code.Length;
        code.AddUInt32(0xb4000009); // cbz x9, first
        code.AddUInt32(0xf940012a); // ldr x10, [x9]: ce_size
        code.AddUInt32(0xf100015f | ((uint)index << 10)); // cmp x10, #index
        toPatch[patches++] = (byte)code.Length;
        code.AddUInt32(0x5400000d); // b.le first
        code.AddUInt32(0xf9400129 | ((uint)(1 + index) << 10)); // ldr x9, [x9, #8 + 8 * index]
        toPatch[patches++] = (byte)code.Length;
        code.AddUInt32(0xb4000009); // cbz x9, first
        int loadPrevious = code.Length;
        code.AddUInt32(LoadLiteral | 3); // ldr x3, previous
        code.AddUInt32(0xd61f0120); // br x9

        for (int i = 0; i < patches; i++)
        {
            *(uint*)(code.First + toPatch[i]) |= (uint)((code.Length - toPatch[i]) / InstructionBytes) << 5;
        }

        int loadEvaluator = code.Length;
        code.AddUInt32(LoadLiteral | 9); // first: ldr x9, evaluator
        int loadFirstCall = code.Length;
        code.AddUInt32(LoadLiteral | 10); // ldr x10, firstCall
        code.AddUInt32(0xd61f0140); // br x10
        code.Align(sizeof(ulong));
        AddLiteral(ref code, loadPrevious, (ulong)evaluator->Previous);
        AddLiteral(ref code, loadEvaluator, (ulong)evaluator);
        AddLiteral(ref code, loadFirstCall, (ulong)firstCall);
    }

    /// <summary>Writes what stands in the evaluator's place while it is switched off.</summary>
    public static void WritePassOn(ref TextBuffer code, Evaluator* evaluator)
    {
        code.AddUInt32(LoadLiteral | 3); // ldr x3, previous
        code.AddUInt32(0xd61f0060); // br x3
        AddLiteral(ref code, 0, (ulong)evaluator->Previous);
    }

    /// <summary>Makes the processors see code that was written.</summary>
    public static void Flush(byte* code, int bytes) => FlushCode(code, code + bytes);

    private static void AddLiteral(ref TextBuffer code, int load, ulong value)
    {
        *(uint*)(code.First + load) |= (uint)((code.Length - load) / InstructionBytes) << 5;
        code.AddUInt64(value);
    }

    [RuntimeImport("viperf_flush_code")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void FlushCode(byte* start, byte* end);
}
#endif
