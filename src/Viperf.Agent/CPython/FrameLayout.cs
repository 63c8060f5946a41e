using Viperf.Abi;

namespace Viperf.Agent.CPython;

/// <summary>
/// Where one version of CPython keeps the frames of a running thread; offsets in bytes, of releases on 64-bit machines
/// (frameobject.h, pycore_frame.h and pystate.h of each).
/// </summary>
internal readonly struct FrameLayout
{
    /// <summary>From a thread state to its innermost frame, or to what <see cref="Indirection"/> says.</summary>
    public int First { get; private init; }

    /// <summary>From what the thread state points to, to the innermost frame; -1 where it points to the frame itself.</summary>
    public int Indirection { get; private init; }

    /// <summary>From a thread state to the <c>pthread_t</c> of its thread.</summary>
    public int ThreadId { get; private init; }

    /// <summary>From a frame to the one that called it.</summary>
    public int Previous { get; private init; }

    /// <summary>From a frame to its code.</summary>
    public int Code { get; private init; }

    /// <summary>Bits of that pointer that are no part of it.</summary>
    public int CodeTag { get; private init; }

    /// <summary>From a frame to where it is: a pointer to an instruction, or a number (<see cref="PositionUnit"/>).</summary>
    public int Position { get; private init; }

    /// <summary>Bytes that the position's number counts; 0 where it is a pointer.</summary>
    public int PositionUnit { get; private init; }

    /// <summary>
    /// From a frame to the byte that says whether C called it (3.11: not 0), or who owns it (<see cref="FirstOwnerInC"/>);
    /// 0 where C calls every frame.
    /// </summary>
    public int Kind { get; private init; }

    /// <summary>The first of the owners that are no functions but marks of where C called the evaluator; 0 where there are none.</summary>
    public int FirstOwnerInC { get; private init; }

    /// <summary>
    /// From a frame to the byte that says whether it is a generator's (1), where nothing else tells that one which waits is not
    /// the outermost; 0 where something does.
    /// </summary>
    public int Owner { get; private init; }

    /// <summary>
    /// From a thread state to the first byte behind the frames of its newest piece of memory for them, and to that memory's end
    /// behind it, where the innermost frame is noted elsewhere (<see cref="Indirection"/>); else 0.
    /// </summary>
    public int StackTop { get; private init; }

    /// <summary>Bytes of a frame that are looked at.</summary>
    public int Bytes { get; private init; }

    /// <summary>True if frames are Python objects.</summary>
    public bool IsObject => Kind == 0;

    /// <summary>The layout of CPython 3.<paramref name="minor"/>.</summary>
    /// <returns>False for versions that are not known.</returns>
    public static bool TryGet(int minor, out FrameLayout layout)
    {
        layout = minor switch
        {
            8 or 9 => OfObjects(position: 104, unit: 1),
            10 => OfObjects(position: 96, unit: 2),
            11 => new FrameLayout
            {
                First = 56, Indirection = 8, ThreadId = 152, Previous = 48, Code = 32, Position = 56, Kind = 68, Owner = 69, Bytes = 80,
                StackTop = 304,
            },
            12 => new FrameLayout
            {
                First = 56, Indirection = 0, ThreadId = 136, Previous = 8, Position = 56, Kind = 70, FirstOwnerInC = 3, Bytes = 80,
                StackTop = 240,
            },
            13 => new FrameLayout
            {
                First = 72, Indirection = -1, ThreadId = 152, Previous = 8, Position = 56, Kind = 70, FirstOwnerInC = 3, Bytes = 80,
            },
            14 or 15 => new FrameLayout
            {
                First = 72, Indirection = -1, ThreadId = 152, Previous = 8, Position = 56, Kind = 74, FirstOwnerInC = 3, Bytes = 80,
                CodeTag = 3,
            },
            _ => default,
        };
        return layout.Bytes != 0;
    }

    /// <summary>Tells the recorder.</summary>
    public void Describe(ref CaptureLayout to)
    {
        to.ThreadId = ThreadId;
        to.First = First;
        to.Indirection = Indirection;
        to.Previous = Previous;
        to.Code = Code;
        to.CodeTag = CodeTag;
        to.Position = Position;
        to.PositionUnit = PositionUnit;
        to.Kind = Kind;
        to.FirstOwnerInC = FirstOwnerInC;
        to.Owner = Owner;
        to.FrameBytes = Bytes;
    }

    private static FrameLayout OfObjects(int position, int unit) => new()
    {
        First = 24, Indirection = -1, ThreadId = 176, Previous = 24, Code = 32, Position = position, PositionUnit = unit,
        Bytes = position + sizeof(int),
    };
}
