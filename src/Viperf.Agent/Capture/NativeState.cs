using Viperf.Abi;
using Viperf.Agent.Linux;

namespace Viperf.Agent.Capture;

/// <summary>
/// What the kernel would have recorded of a thread that a signal interrupted: its registers and the top of its stack.
/// </summary>
internal static unsafe class NativeState
{
    private const nuint PageBytes = 4096; // of the smallest

#if ARM64
    /// <summary>x0 to x30, sp and pc, which is also how perf has them.</summary>
    private const int Registers = 33;

    /// <summary>From <c>ucontext_t</c> to <c>regs</c>, behind flags, link, stack, signal set and fault address.</summary>
    private const int RegistersOffset = 184;
    private const int StackPointer = 31;
#else
    /// <summary>All but DS, ES, FS and GS.</summary>
    private const int Registers = 20;

    /// <summary>From <c>ucontext_t</c> to <c>gregs</c>, behind flags, link and stack.</summary>
    private const int RegistersOffset = 40;
    private const int StackPointer = 15; // REG_RSP of sys/ucontext.h
#endif

    /// <summary>Writes a record.</summary>
    /// <param name="ring">Takes it.</param>
    /// <param name="time">Nanoseconds of CLOCK_MONOTONIC.</param>
    /// <param name="weight">Nanoseconds of CPU time.</param>
    /// <param name="thread">The thread.</param>
    /// <param name="context">The signal's <c>ucontext_t</c>.</param>
    /// <param name="mostStack">Bytes of the stack at most, a multiple of eight.</param>
    /// <returns>False if there was no room, which is counted.</returns>
    public static bool TryWrite(in CaptureRing ring, ulong time, ulong weight, uint thread, void* context, nuint mostStack)
    {
        ulong* registers = (ulong*)((byte*)context + RegistersOffset);
        byte* stack = (byte*)registers[StackPointer];
        var block = ThreadBlock.OfThisThread();
        bool isKnown = (nuint)stack >= block->StackLow && (nuint)stack < block->StackEnd;
        nuint room = isKnown && block->StackEnd - (nuint)stack < mostStack ? (block->StackEnd - (nuint)stack) & ~(nuint)7 : mostStack;
        uint bytes = (uint)(sizeof(CaptureNative) + (Registers * sizeof(ulong)) + (int)room);
        var record = (CaptureNative*)ring.Reserve(bytes);
        if (record == null)
        {
            return false;
        }

        record->Head.Kind = CaptureRecord.Native;
        record->Head.Flags = 0;
        record->Time = time;
        record->Weight = weight;
        record->Thread = thread;
        record->Registers = Registers;
        record->Reserved = 0;
        var to = (ulong*)(record + 1);
        CopyRegisters(registers, to);
        to += Registers;

        // Its own stack, above the stack pointer, nobody takes from a thread. Elsewhere (another stack of the program's) that
        // is certain only of the page that is in use.
        nint copied = isKnown ? (nint)room : Syscall.ReadMemory(stack, to, room);
        if (isKnown || copied <= 0)
        {
            nuint inPage = (PageBytes - ((nuint)stack & (PageBytes - 1))) & ~(nuint)7;
            copied = (nint)(isKnown || inPage > room ? room : inPage);
            Copy(stack, to, copied);
        }

        record->StackBytes = (uint)(copied & ~7);
        CaptureRing.Commit(&record->Head, bytes);
        return true;
    }

    private static void Copy(byte* from, ulong* to, nint bytes)
    {
        for (nint i = 0; i < bytes / sizeof(ulong); i++)
        {
            to[i] = ((ulong*)from)[i];
        }
    }

#if ARM64
    private static void CopyRegisters(ulong* from, ulong* to) => Copy((byte*)from, to, Registers * sizeof(ulong));
#else
    /// <summary>From the order of sys/ucontext.h (r8 to r15, di, si, bp, bx, dx, ax, cx, sp, ip, flags, segments) to asm/perf_regs.h's.</summary>
    private static void CopyRegisters(ulong* from, ulong* to)
    {
        to[0] = from[13];
        to[1] = from[11];
        to[2] = from[14];
        to[3] = from[12];
        to[4] = from[9];
        to[5] = from[8];
        to[6] = from[10];
        to[7] = from[15];
        to[8] = from[16];
        to[9] = from[17];
        to[10] = from[18] & 0xffff; // cs
        to[11] = from[18] >> 48; // ss
        for (int i = 0; i < 8; i++)
        {
            to[12 + i] = from[i];
        }
    }
#endif
}
