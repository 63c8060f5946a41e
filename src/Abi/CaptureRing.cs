using System.Runtime.InteropServices;

namespace Viperf.Abi;

/// <summary>
/// The shared memory that the handlers of one process write to and the recorder reads: this header, then a ring of
/// <see cref="CaptureAnswer.RingBytes"/>. A record never wraps: what is left of the ring's end is filled by one of
/// <see cref="CaptureRecord.Padding"/>.
/// </summary>
/// <remarks>
/// Any thread may write at any time. It reserves room by adding to <see cref="Head"/>, writes, and stores the record's size
/// last; until then the size is 0, as the recorder leaves what it has read. Both ends only ever grow.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = HeaderBytes)]
internal unsafe struct CaptureRingHeader
{
    /// <summary>Bytes before the ring: the largest page of any kernel.</summary>
    public const int HeaderBytes = 64 * 1024;

    /// <summary>Bytes that were ever reserved.</summary>
    [FieldOffset(0)]
    public ulong Head;

    /// <summary>Bytes that were ever read.</summary>
    [FieldOffset(64)]
    public ulong Tail;

    /// <summary>What could not be captured, by <see cref="CaptureLoss"/>.</summary>
    [FieldOffset(128)]
    public fixed uint Losses[(int)CaptureLoss.Count];

    /// <summary>Not 0 once nobody reads any more: timers are to stop.</summary>
    [FieldOffset(256)]
    public uint IsOver;
}

/// <summary>Why a signal brought no Python frames, or not all of them.</summary>
internal enum CaptureLoss
{
    /// <summary>The ring was full.</summary>
    RingFull,

    /// <summary>
    /// More threads than there is memory for were in their handlers at once, or one would have been in them too much of its time.
    /// </summary>
    Busy,

    /// <summary>A frame lay where no memory is, or was none: it was being made or taken down.</summary>
    BadFrame,

    /// <summary>There are more frames than a record takes.</summary>
    TooDeep,

    /// <summary>More code objects were alive than are remembered.</summary>
    TooMuchCode,

    /// <summary>A code object was not laid out as expected.</summary>
    BadCode,

    /// <summary>A thread got no timer: the user has no more signals that may be pending (<c>ulimit -i</c>).</summary>
    NoTimer,

    /// <summary>Number of reasons.</summary>
    Count,
}

/// <summary>The head of each record in the ring; records begin at multiples of eight bytes.</summary>
internal struct CaptureRecord
{
    /// <summary>Nothing, up to the ring's end.</summary>
    public const ushort Padding = 1;

    /// <summary>A <see cref="CaptureSample"/>.</summary>
    public const ushort Sample = 2;

    /// <summary>A <see cref="CaptureCode"/>.</summary>
    public const ushort Code = 3;

    /// <summary>A <see cref="CaptureNative"/>.</summary>
    public const ushort Native = 4;

    /// <summary>A <see cref="CaptureThreadEnd"/>.</summary>
    public const ushort ThreadEnd = 5;

    /// <summary>Bytes of the record with this head, a multiple of eight; 0 while it is written.</summary>
    public uint Size;

    /// <summary>Which record it is.</summary>
    public ushort Kind;

    /// <summary>Says more of some.</summary>
    public ushort Flags;
}

/// <summary>One signal: the Python frames of the thread that got it, innermost first; <see cref="CaptureFrame"/>s follow.</summary>
internal struct CaptureSample
{
    /// <summary>The thread has no Python state: it runs no Python.</summary>
    public const ushort NoPython = 1;

    /// <summary>
    /// The signal waited until the thread let it through: what Python did meanwhile is not known. Where the thread was in its
    /// handler before, it did nothing.
    /// </summary>
    public const ushort Waited = 2;

    /// <summary>There are frames that are not here.</summary>
    public const ushort Cut = 4;

    /// <summary>There was no time or memory to look for frames.</summary>
    public const ushort Skipped = 8;

    /// <summary>The thread had the interpreter's lock.</summary>
    public const ushort HoldsGil = 16;

    /// <summary>
    /// A timer signalled the thread while the kernel ran for it, where events may not sample that: the
    /// <see cref="CaptureNative"/> of the same thread and time has where it was called.
    /// </summary>
    public const ushort InKernel = 32;

    /// <summary>
    /// The signal was a timer's, where there are events. One of an event that came at the same moment is not told of then: of one
    /// number the kernel keeps one signal.
    /// </summary>
    public const ushort Timed = 64;

    /// <summary>The thread stands where its handler before interrupted it, and at no system call: it did nothing since.</summary>
    public const ushort Still = 128;

    /// <summary>The head.</summary>
    public CaptureRecord Head;

    /// <summary>Nanoseconds of CLOCK_MONOTONIC, when the handler began.</summary>
    public ulong Time;

    /// <summary>When the thread's last handler before this one ended; 0 for the first.</summary>
    public ulong LastEnd;

    /// <summary>The thread, as itself sees its number.</summary>
    public uint Thread;

    /// <summary>Records that had no room in this ring, up to this one.</summary>
    public uint Dropped;

    /// <summary>Frames that follow.</summary>
    public uint Frames;

    /// <summary>The lower half of the address of the instruction that a timer's signal came at; else 0.</summary>
    public uint Instruction;

    /// <summary>Nanoseconds of CPU time that the thread has used, where <see cref="CaptureAnswer.MeasuresCpuTime"/> asks for it.</summary>
    public ulong CpuTime;
}

/// <summary>One frame.</summary>
internal struct CaptureFrame
{
    /// <summary>Set in <see cref="Position"/> of the outermost frame of one call of the evaluator: C called it.</summary>
    public const uint LastOfRun = 0x8000_0000;

    /// <summary>A position that is not known, or before the first instruction.</summary>
    public const uint NoPosition = 0x7fff_ffff;

    /// <summary>The number of its code, which a <see cref="CaptureCode"/> tells of; 0 for a run without a frame.</summary>
    public uint Code;

    /// <summary>Bytes from the code's start to the instruction, and <see cref="LastOfRun"/>.</summary>
    public uint Position;
}

/// <summary>
/// A code object, written when it is first met. Behind it: qualified name and file name in UTF-8, and the line table, as
/// CPython has it.
/// </summary>
internal struct CaptureCode
{
    /// <summary>
    /// The lower bits of a number less one: where the agent remembers the code. Code that is remembered where other was before takes
    /// its place: that has died, and no record behind this one is of it.
    /// </summary>
    public const int PlaceBits = 16;

    /// <summary>The head.</summary>
    public CaptureRecord Head;

    /// <summary>Its number, which none had before in this process.</summary>
    public uint Number;

    /// <summary>Bytes of instructions.</summary>
    public uint CodeBytes;

    /// <summary>The line that its definition begins at.</summary>
    public int FirstLine;

    /// <summary>Bytes of the name.</summary>
    public uint NameBytes;

    /// <summary>Bytes of the file's name.</summary>
    public uint FileBytes;

    /// <summary>Bytes of the line table.</summary>
    public uint LineBytes;
}
