namespace Viperf.Agent.Linux;

/// <summary>
/// A system call that a signal interrupted and that goes on, by being made again, when the handler ends: the thread stands
/// before the instruction that makes it.
/// </summary>
/// <param name="context">The handler's <c>ucontext_t</c>.</param>
internal readonly unsafe struct InterruptedCall(void* context)
{
    private const nint EINTR = -4;

    private const int FutexCommand = 127;
    private const int FUTEX_WAIT = 0;
    private const int FUTEX_WAIT_BITSET = 9;
    private const int F_SETLKW = 7;

#if ARM64
    private const int BlockedOffset = 40, PlaceOffset = 440, StackOffset = 432, ResultOffset = 184, NumberOffset = 248, SecondOffset = 192;
    private const int InstructionBytes = 4;
    private const uint Instruction = 0xd400_0001, InstructionMask = 0xffff_ffff; // svc #0
    private const int Futex = 98, Control = 25;

    /// <summary>read, write, readv, writev, wait4, waitid, accept, accept4, connect, sendto, recvfrom, sendmsg, recvmsg, flock.</summary>
    private static bool Waits(nint number) =>
        number is 63 or 64 or 65 or 66 or 260 or 95 or 202 or 242 or 203 or 206 or 207 or 211 or 212 or 32;
#else
    private const int BlockedOffset = 296, PlaceOffset = 168, StackOffset = 160, ResultOffset = 144, NumberOffset = 144, SecondOffset = 112;
    private const int InstructionBytes = 2;
    private const uint Instruction = 0x050f, InstructionMask = 0xffff; // syscall
    private const int Futex = 202, Control = 72;

    /// <summary>read, write, readv, writev, wait4, waitid, accept, accept4, connect, sendto, recvfrom, sendmsg, recvmsg, flock.</summary>
    private static bool Waits(nint number) =>
        number is 0 or 1 or 19 or 20 or 61 or 247 or 43 or 288 or 42 or 44 or 45 or 46 or 47 or 73;
#endif

    /// <summary>The address of the instruction that the thread goes on with.</summary>
    public nuint Place => *(nuint*)((byte*)context + PlaceOffset);

    /// <summary>Its stack pointer.</summary>
    public nuint Stack => *(nuint*)((byte*)context + StackOffset);

    /// <summary>Signals that the thread blocks.</summary>
    public ulong Blocked => *(ulong*)((byte*)context + BlockedOffset);

    /// <summary>
    /// True if there is such a call, one that may also end with EINTR. A thread that was about to make its call for the first
    /// time looks the same, and may get the same answer.
    /// </summary>
    public bool MayBeInterrupted
    {
        get
        {
            byte* place = (byte*)Place;
            nint number = *(nint*)((byte*)context + NumberOffset);
            int command = (int)*(nint*)((byte*)context + SecondOffset);
            bool waits = number == Futex ? (command & FutexCommand) is FUTEX_WAIT or FUTEX_WAIT_BITSET
                : number == Control ? command == F_SETLKW
                : Waits(number);
            return waits && IsCall(place);
        }
    }

    /// <summary>True if the thread comes out of a system call, or goes back into it, whatever that does.</summary>
    public bool IsAtCall
    {
        get
        {
            byte* place = (byte*)Place;
            return IsCall(place - InstructionBytes) || IsCall(place);
        }
    }

    /// <summary>True if a call has just ended with EINTR: one that does not go on after any signal.</summary>
    public bool WasInterrupted =>
        *(nint*)((byte*)context + ResultOffset) == EINTR && IsCall((byte*)Place - InstructionBytes);

    /// <summary>Has the call end with EINTR.</summary>
    public void Interrupt()
    {
        *(byte**)((byte*)context + PlaceOffset) += InstructionBytes;
        *(nint*)((byte*)context + ResultOffset) = EINTR;
    }

    private static bool IsCall(byte* place)
    {
        ReadableMemory memory = default;
        return memory.Contains(place, InstructionBytes) && ((InstructionBytes == 2 ? *(ushort*)place : *(uint*)place) & InstructionMask) == Instruction;
    }
}
