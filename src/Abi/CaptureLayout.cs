namespace Viperf.Abi;

/// <summary>
/// Where a process's Python keeps what the recorder reads from outside, of threads that stand still: an agent tells when it asks
/// to be sampled. Offsets are in bytes.
/// </summary>
internal struct CaptureLayout
{
    /// <summary>From the lock to the thread state that had it last; the lock's head is the same in CPython 3.8 to 3.15.</summary>
    public const int GilHolder = 8;

    /// <summary>From the lock to an int that is not 0 while somebody has it.</summary>
    public const int GilIsLocked = 16;

    /// <summary>The lock's bytes, with the conditions that threads wait for.</summary>
    public const int GilBytes = 256;

    /// <summary>The thread state of the thread that asks; those of others hang together with it.</summary>
    public ulong State;

    /// <summary>The main interpreter's lock; 0 where it was not found.</summary>
    public ulong Gil;

    /// <summary>The type of code objects.</summary>
    public ulong CodeType;

    /// <summary>From what <c>pthread_self</c> is to the thread's number; 0 where it was not found.</summary>
    public int ThreadNumber;

    /// <summary>From a thread state to <c>pthread_self</c> of its thread.</summary>
    public int ThreadId;

    /// <summary>From a thread state to its innermost frame, or to what <see cref="Indirection"/> says.</summary>
    public int First;

    /// <summary>From what the thread state points to, to the innermost frame; -1 where it points to the frame itself.</summary>
    public int Indirection;

    /// <summary>From a frame to the one that called it.</summary>
    public int Previous;

    /// <summary>From a frame to its code.</summary>
    public int Code;

    /// <summary>Bits of that pointer that are no part of it.</summary>
    public int CodeTag;

    /// <summary>From a frame to where it is.</summary>
    public int Position;

    /// <summary>Bytes that the position's number counts; 0 where it is a pointer.</summary>
    public int PositionUnit;

    /// <summary>From a frame to the byte that says whether C called it, or who owns it; 0 where C calls every frame.</summary>
    public int Kind;

    /// <summary>The first of the owners that are marks of where C called the evaluator; 0 where there are none.</summary>
    public int FirstOwnerInC;

    /// <summary>From a frame to the byte that says whether it is a generator's; 0 where that does not matter.</summary>
    public int Owner;

    /// <summary>Bytes of a frame that are looked at.</summary>
    public int FrameBytes;

    /// <summary>From a code object to its name.</summary>
    public int CodeName;

    /// <summary>From a code object to its file's name.</summary>
    public int CodeFile;

    /// <summary>From a code object to its first line.</summary>
    public int CodeFirstLine;

    /// <summary>From a code object to its line table.</summary>
    public int CodeLines;

    /// <summary>From a code object to its instructions, or where <see cref="HasCodeObject"/> to the object that has them.</summary>
    public int CodeInstructions;

    /// <summary>Not 0 if the instructions are a bytes object.</summary>
    public int HasCodeObject;

    /// <summary>Bytes of a code object that are looked at.</summary>
    public int CodeBytes;

    /// <summary>From an ASCII text to its characters.</summary>
    public int AsciiData;

    /// <summary>From another text to its characters.</summary>
    public int OtherData;

    /// <summary>From a text's state to its kind, in bits.</summary>
    public int KindShift;

    /// <summary>Keeps the size a multiple of eight.</summary>
    public int Reserved;
}
