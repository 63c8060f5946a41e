using Viperf.Core.Profiles;
using Viperf.Formats.Dwarf;
using Viperf.Formats.Elf;

namespace Viperf.Core.Unwinding;

/// <summary>Where a trampoline of CPython's keeps what its caller needs.</summary>
internal enum TrampolineFrame : byte
{
    /// <summary>No trampoline has such a place.</summary>
    None,

    /// <summary>The frame is not made yet, or gone: the return address is where the call left it.</summary>
    Bare,

    /// <summary>
    /// 16 bytes at the stack pointer: the caller's frame pointer, or nothing in trampolines that do not touch it; then the
    /// return address.
    /// </summary>
    Made,

    /// <summary>
    /// The same at the frame pointer: trampolines of viperf's agent that keep more on the stack, where CPython counts calls.
    /// </summary>
    Linked,
}

/// <summary>What the unwinder must know of a processor and its ABI. Registers are called by their DWARF numbers.</summary>
internal interface IMachine
{
    /// <summary>ELF's number of it.</summary>
    static abstract ElfMachine Elf { get; }

    /// <summary>The register that holds the stack pointer.</summary>
    static abstract int StackPointer { get; }

    /// <summary>The register that holds the frame pointer, where code keeps one.</summary>
    static abstract int FramePointer { get; }

    /// <summary>The number that stands for the program counter.</summary>
    static abstract int ProgramCounter { get; }

    /// <summary>The longest call instruction in bytes.</summary>
    static abstract int CallBytes { get; }

    /// <summary>Bytes of the code that a C library returns from signal handlers with.</summary>
    static abstract int SignalReturnBytes { get; }

    /// <summary>The kernel's number of a register in samples (perf_regs.h); -1 for registers that it does not record.</summary>
    static abstract int KernelNumber(int register);

    /// <summary>Goes to the caller's frame by a rule that is not of kind <see cref="UnwindRuleKind.NeedsRow"/>.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="registers">The frame's registers; afterwards the caller's.</param>
    /// <param name="stack">The stack.</param>
    /// <param name="returnAddress">Where the caller goes on.</param>
    /// <param name="end">Why not, if not.</param>
    static abstract bool TryStep(
        in UnwindRule rule, ref RegisterFile registers, in StackMemory stack, out ulong returnAddress, out StackEnd end);

    /// <summary>The return address of a function that has saved nothing yet; the stack pointer becomes the caller's.</summary>
    static abstract bool TryReturn(ref RegisterFile registers, in StackMemory stack, out ulong returnAddress, out StackEnd end);

    /// <summary>
    /// Forgets a return address that is in a register: the caller's frame, found by something else, had it overwritten by
    /// its call.
    /// </summary>
    static abstract void ForgetReturnAddress(ref RegisterFile registers);

    /// <summary>A code address without what the processor keeps in its upper bits.</summary>
    static abstract ulong CodeAddress(ulong address);

    /// <summary>True if a call instruction ends with these bytes.</summary>
    static abstract bool EndsInCall(ReadOnlySpan<byte> code);

    /// <summary>The function that a call instruction calls, if it says so itself.</summary>
    /// <param name="code">The bytes that the instruction ends with.</param>
    /// <param name="next">The address behind it.</param>
    /// <param name="target">The function's address.</param>
    static abstract bool TryGetCallTarget(ReadOnlySpan<byte> code, ulong next, out ulong target);

    /// <summary>Bytes of a function that the next two questions look at.</summary>
    static abstract int FunctionStartBytes { get; }

    /// <summary>True if a function starts with making a frame pointer.</summary>
    static abstract bool MakesFramePointer(ReadOnlySpan<byte> start);

    /// <summary>True for a stub of the procedure linkage table, which goes on to any other function.</summary>
    static abstract bool IsLinkageStub(ReadOnlySpan<byte> start);

    /// <summary>
    /// Words that a function has pushed in front of its return address, where the processor stands at the start or the end
    /// of one that makes a frame pointer; -1 where the code does not tell.
    /// </summary>
    /// <param name="before">The word of code before the place.</param>
    /// <param name="code">The code from the place on, <see cref="FunctionStartBytes"/> of it.</param>
    static abstract int WordsBeforeReturnAddress(ReadOnlySpan<byte> before, ReadOnlySpan<byte> code);

    /// <summary>The frame of a trampoline at a place in its code.</summary>
    /// <param name="offset">Bytes from its first instruction.</param>
    /// <param name="size">Bytes of its code.</param>
    static abstract TrampolineFrame FrameOfTrampoline(ulong offset, uint size);

    /// <summary>Bytes of the frame of such trampolines, from the frame pointer up.</summary>
    static abstract ulong LinkedFrameBytes { get; }

    /// <summary>The longest trampoline in bytes.</summary>
    static abstract int TrampolineBytes { get; }

    /// <summary>Finds the trampoline that a byte of code belongs to.</summary>
    /// <param name="code">The code around it.</param>
    /// <param name="index">The byte's index.</param>
    /// <param name="offset">The byte's offset in the trampoline.</param>
    /// <param name="size">Bytes of the trampoline.</param>
    static abstract bool TryFindTrampoline(ReadOnlySpan<byte> code, int index, out ulong offset, out uint size);

    /// <summary>True for the code to which C libraries have signals' handlers return.</summary>
    static abstract bool IsSignalReturn(ReadOnlySpan<byte> code);

    /// <summary>
    /// Restores the registers of the code that a signal interrupted, where a C library's code to return from the
    /// handler lacks call frame information.
    /// </summary>
    /// <param name="registers">The frame's registers; afterwards those of the interrupted code.</param>
    /// <param name="stack">The stack.</param>
    /// <param name="interrupted">Where that code goes on.</param>
    /// <param name="end">Why not, if not.</param>
    static abstract bool TryReturnFromSignal(
        ref RegisterFile registers, in StackMemory stack, out ulong interrupted, out StackEnd end);
}
