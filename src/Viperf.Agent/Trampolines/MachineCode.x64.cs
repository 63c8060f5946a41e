#if !ARM64
using Viperf.Agent.CPython;
using Viperf.Agent.Linux;

namespace Viperf.Agent.Trampolines;

/// <summary>The code that the agent generates, for x86-64 by the System V ABI.</summary>
internal static unsafe class MachineCode
{
    /// <summary>EM_X86_64.</summary>
    public const uint ElfMachine = 62;

    /// <summary>DWARF's data alignment and number of the return address's register.</summary>
    public const int DataAlignment = -8;
    public const byte ReturnAddress = 16;

    private const byte Rbp = 6;
    private const byte Rsp = 7;

    private const byte DW_CFA_advance_loc = 0x40;
    private const byte DW_CFA_offset = 0x80;
    private const byte DW_CFA_restore = 0xc0;
    private const byte DW_CFA_def_cfa = 0x0c;
    private const byte DW_CFA_def_cfa_register = 0x0d;
    private const byte DW_CFA_def_cfa_offset = 0x0e;

    /// <summary>Bytes of a trampoline: see <see cref="WriteTrampoline"/>.</summary>
    public static int TrampolineBytes(in Layout layout) => layout.CallsLeft == 0 ? 8 : 20;

    /// <summary>
    /// Writes a trampoline, which calls the evaluator that it gets as fourth argument. It is CPython's own from 3.14 on, with
    /// a frame pointer; where C calls are counted that should not be, it gives calls back while it lasts.
    /// </summary>
    public static void WriteTrampoline(ref TextBuffer code, in Layout layout)
    {
        code.Add([0x55]); // push rbp
        code.Add([0x48, 0x89, 0xe5]); // mov rbp, rsp
        if (layout.CallsLeft == 0)
        {
            code.Add([0xff, 0xd1]); // call rcx
        }
        else
        {
            code.Add([0x57, 0x50]); // push rdi; push rax, for alignment
            code.Add([0x83, 0x47]); // add dword [rdi + CallsLeft], CallsGivenBack
            code.Add((byte)layout.CallsLeft);
            code.Add((byte)layout.CallsGivenBack);
            code.Add([0xff, 0xd1]); // call rcx
            code.Add([0x59, 0x5f]); // pop rcx; pop rdi
            code.Add([0x83, 0x6f]); // sub dword [rdi + CallsLeft], CallsGivenBack
            code.Add((byte)layout.CallsLeft);
            code.Add((byte)layout.CallsGivenBack);
        }

        code.Add([0x5d, 0xc3]); // pop rbp; ret
    }

    /// <summary>Writes the call frame instructions that are true at the start of every function.</summary>
    public static void WriteFirstRow(ref TextBuffer rows)
    {
        rows.Add([DW_CFA_def_cfa, Rsp, 8]);
        rows.Add([DW_CFA_offset + ReturnAddress, 1]);
    }

    /// <summary>Writes the call frame instructions of a trampoline, behind those of its start.</summary>
    public static void WriteTrampolineRows(ref TextBuffer rows, in Layout layout)
    {
        rows.Add([DW_CFA_advance_loc + 1, DW_CFA_def_cfa_offset, 16, DW_CFA_offset + Rbp, 2]); // pushed
        rows.Add([DW_CFA_advance_loc + 3, DW_CFA_def_cfa_register, Rbp]); // rbp points to it
        rows.Add((byte)(DW_CFA_advance_loc + TrampolineBytes(layout) - 5));
        rows.Add([DW_CFA_def_cfa, Rsp, 8, DW_CFA_restore + Rbp]); // before ret
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
            code.Add([0x64, 0x48, 0x3b, 0x24, 0x25]); // cmp rsp, fs:[stackLimit]
            code.AddUInt32((uint)stackLimit);
            code.Add([0x72, 0]); // jb first
            toPatch[patches++] = (byte)(code.Length - 1);
        }

        code.Add([0x48, 0x8b]); // mov rax, [rdi or rsi + FrameCode]
        code.Add((byte)(layout.FrameIsFirst ? 0x47 : 0x46));
        code.Add((byte)layout.FrameCode);
        if (layout.FrameTag != 0)
        {
            code.Add([0x48, 0x83, 0xe0]); // and rax, ~FrameTag
            code.Add((byte)~layout.FrameTag);
        }

        code.Add([0x48, 0x8b, 0x80]); // mov rax, [rax + co_extra]
        code.AddUInt32((uint)layout.CodeExtra);
        code.Add([0x48, 0x85, 0xc0, 0x74, 0]); // test rax, rax; jz first
        toPatch[patches++] = (byte)(code.Length - 1);
        code.Add([0x48, 0x81, 0x38]); // cmp qword [rax], index: ce_size
        code.AddUInt32((uint)index);
        code.Add([0x7e, 0]); // jle first
        toPatch[patches++] = (byte)(code.Length - 1);
        code.Add([0x48, 0x8b, 0x80]); // mov rax, [rax + 8 + 8 * index]
        code.AddUInt32((uint)(8 + (8 * index)));
        code.Add([0x48, 0x85, 0xc0, 0x74, 0]); // test rax, rax; jz first
        toPatch[patches++] = (byte)(code.Length - 1);
        WriteLoadPrevious(ref code, evaluator);
        code.Add([0xff, 0xe0]); // jmp rax

        for (int i = 0; i < patches; i++)
        {
            code.First[toPatch[i]] = (byte)(code.Length - toPatch[i] - 1);
        }

        code.Add([0x48, 0xb8]); // first: mov rax, evaluator
        code.AddUInt64((ulong)evaluator);
        code.Add([0x48, 0xb9]); // mov rcx, firstCall
        code.AddUInt64((ulong)firstCall);
        code.Add([0xff, 0xe1]); // jmp rcx
    }

    /// <summary>Writes what stands in the evaluator's place while it is switched off.</summary>
    public static void WritePassOn(ref TextBuffer code, Evaluator* evaluator)
    {
        WriteLoadPrevious(ref code, evaluator);
        code.Add([0xff, 0xe1]); // jmp rcx
    }

    /// <summary>x86-64 processors see by themselves what was written.</summary>
    public static void Flush(byte* code, int bytes)
    {
    }

    private static void WriteLoadPrevious(ref TextBuffer code, Evaluator* evaluator)
    {
        code.Add([0x48, 0xb9]); // mov rcx, previous
        code.AddUInt64((ulong)evaluator->Previous);
    }
}
#endif
