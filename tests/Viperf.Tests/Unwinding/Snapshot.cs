using System.Runtime.InteropServices;
using Viperf.Core.Profiles;
using Viperf.Core.Unwinding;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;
using Viperf.Formats.PerfData;

namespace Viperf.Tests.Unwinding;

/// <summary>A sample's registers and the copy of its stack, as a record of the kernel's, and what unwinding it gives.</summary>
/// <param name="machine">Whose registers they are.</param>
/// <param name="stackPointer">Where the stack begins.</param>
internal sealed class Snapshot(ElfMachine machine, ulong stackPointer)
{
    public const int Rbx = 3, Rbp = 6, Rsp = 7, R10 = 10, Rip = 16;
    public const int X29 = 29, X30 = 30, Sp = 31, Pc = 32;

    /// <summary>asm/perf_regs.h by DWARF number: rax, rdx, rcx, rbx, rsi, rdi, rbp, rsp, r8 to r15, rip.</summary>
    private static readonly int[] s_x64Numbers = [0, 3, 2, 1, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23, 8];

    private readonly Dictionary<int, ulong> _registers = [];
    private readonly List<byte> _stack = [];

    public static Snapshot X64(ulong ip, ulong stackPointer) =>
        new Snapshot(ElfMachine.EM_X86_64, stackPointer).Register(Rip, ip).Register(Rsp, stackPointer);

    public static Snapshot Arm64(ulong ip, ulong stackPointer) =>
        new Snapshot(ElfMachine.EM_AARCH64, stackPointer).Register(Pc, ip).Register(Sp, stackPointer);

    public RegistersAbi Abi { get; set; } = RegistersAbi.PERF_SAMPLE_REGS_ABI_64;

    /// <summary>Bytes of the stack.</summary>
    public int StackBytes => _stack.Count;

    /// <summary>Virtual address of the next word.</summary>
    public ulong Top => stackPointer + (ulong)_stack.Count;

    /// <summary>Gives a register, by its DWARF number, a value.</summary>
    public Snapshot Register(int register, ulong value)
    {
        _registers[register] = value;
        return this;
    }

    /// <summary>Adds words towards the stack's bottom, which is at its highest address.</summary>
    public Snapshot Words(params ReadOnlySpan<ulong> words)
    {
        _stack.AddRange(MemoryMarshal.AsBytes(words));
        return this;
    }

    public Snapshot Bytes(ReadOnlySpan<byte> bytes)
    {
        _stack.AddRange(bytes);
        return this;
    }

    public Snapshot Fill(int count, ulong value)
    {
        for (; count > 0; count--)
        {
            Words(value);
        }

        return this;
    }

    /// <summary>Unwinds it.</summary>
    /// <param name="code">The code.</param>
    /// <param name="dumpBytes">Bytes of the stack that were asked for; all, and more, if not given.</param>
    /// <param name="unwinder">The unwinder; a new one if not given.</param>
    public Unwound Unwind(ICodeSpace code, int? dumpBytes = null, StackUnwinder? unwinder = null)
    {
        var chain = new CallChain();
        var result = Unwind(code, Record(dumpBytes), unwinder ?? StackUnwinder.For(machine)!, chain);
        return new Unwound([.. chain.Entries], result.End, result.IsGuessed);
    }

    public UnwindResult Unwind(ICodeSpace code, byte[] record, StackUnwinder unwinder, CallChain chain) =>
        unwinder.Unwind(code, new SampleView(new RecordView(record, "snapshot", 0), Event.Layout).UserState(), chain);

    /// <summary>The event that the record is one of.</summary>
    public EventDescription Event => new(
        0,
        new PerfEventAttr
        {
            sample_type = SampleFormat.PERF_SAMPLE_REGS_USER | SampleFormat.PERF_SAMPLE_STACK_USER,
            sample_regs_user = Mask,
        },
        "cpu-clock",
        [1]);

    /// <summary>The sample.</summary>
    /// <param name="dumpBytes">The room for the stack.</param>
    public byte[] Record(int? dumpBytes = null)
    {
        var record = new ByteWriter();
        record.WriteUInt32((uint)RecordType.PERF_RECORD_SAMPLE);
        record.WriteUInt16((ushort)RecordMisc.PERF_RECORD_MISC_USER);
        record.WriteUInt16(0);
        WriteState(record, dumpBytes);
        record.PatchUInt16(RecordHeader.SizeOffset, (ushort)record.Length);
        return record.Written.ToArray();
    }

    /// <summary>The registers and the stack alone, as they are in a sample.</summary>
    public void WriteState(ByteWriter to, int? dumpBytes = null)
    {
        to.WriteUInt64((ulong)Abi);
        if (Abi != RegistersAbi.PERF_SAMPLE_REGS_ABI_NONE)
        {
            foreach (int register in Numbers.Order())
            {
                int dwarf = machine == ElfMachine.EM_X86_64 ? Array.IndexOf(s_x64Numbers, register) : register;
                to.WriteUInt64(_registers.GetValueOrDefault(dwarf));
            }
        }

        int room = dumpBytes ?? _stack.Count + 8;
        int copied = Math.Min(room, _stack.Count);
        to.WriteUInt64((ulong)room);
        if (room != 0)
        {
            to.WriteBytes(CollectionsMarshal.AsSpan(_stack)[..copied]);
            to.WriteZeros(room - copied);
            to.WriteUInt64((ulong)copied);
        }
    }

    /// <summary>The kernel's numbers of the registers that are recorded.</summary>
    public ulong Mask => Numbers.Aggregate(0UL, (mask, number) => mask | 1UL << number);

    private IEnumerable<int> Numbers => machine == ElfMachine.EM_X86_64 ? s_x64Numbers : Enumerable.Range(0, 33);
}

/// <summary>A stack that was unwound.</summary>
/// <param name="Entries">Markers and addresses, leaf first.</param>
/// <param name="End">Why it ends.</param>
/// <param name="IsGuessed">Whether a caller is a guess.</param>
internal sealed record Unwound(ulong[] Entries, StackEnd End, bool IsGuessed)
{
    /// <summary>The addresses alone.</summary>
    public ulong[] Addresses => [.. Entries.Where(entry => entry < CallchainContext.PERF_CONTEXT_MAX)];
}
