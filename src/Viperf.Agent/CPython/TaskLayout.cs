namespace Viperf.Agent.CPython;

/// <summary>
/// Where one version of CPython keeps what an asyncio task waits for, and who waits for it; offsets in bytes, of releases on
/// 64-bit machines (_asynciomodule.c, genobject.h, funcobject.h, dictobject.c and pycore_dict.h of each).
/// </summary>
internal readonly struct TaskLayout
{
    /// <summary>From a task to its coroutine.</summary>
    public int Coroutine { get; private init; }

    /// <summary>From a task to the future that it waits for; it lies before the coroutine.</summary>
    public int Awaited => Coroutine - 8;

    /// <summary>From a generator or coroutine to its frame: the frame itself, or the pointer to it (<see cref="FramesAreObjects"/>).</summary>
    public int Frame { get; private init; }

    /// <summary>From a frame to its generator, where <see cref="FramesAreObjects"/>.</summary>
    public int Generator { get; private init; }

    /// <summary>From a frame to the end of what is on its stack: a pointer, or a number (<see cref="Stack"/>).</summary>
    public int StackEnd { get; private init; }

    /// <summary>
    /// From a frame to its stack, or where <see cref="FramesAreObjects"/> to the pointer to it; 0 where the end is a pointer.
    /// </summary>
    public int Stack { get; private init; }

    /// <summary>From a function to the tuple of what it took from the functions around it.</summary>
    public int Closure { get; private init; }

    /// <summary>From a function to its qualified name.</summary>
    public int FunctionName { get; private init; }

    /// <summary>From a function to its module's name.</summary>
    public int FunctionModule { get; private init; }

    /// <summary>How objects keep their attributes.</summary>
    public AttributeStore Attributes { get; private init; }

    /// <summary>True before 3.10: a type of its own wakes tasks, later a method of theirs does.</summary>
    public bool HasWakeupType { get; private init; }

    /// <summary>True before 3.11: frames are objects, and a dictionary's keys count in words.</summary>
    public bool FramesAreObjects => Generator != 0;

    /// <summary>The layout of CPython 3.<paramref name="minor"/>.</summary>
    /// <returns>False for versions that are not known: from 3.14 on it is other structures that tell.</returns>
    public static bool TryGet(int minor, out TaskLayout layout)
    {
        layout = minor switch
        {
            8 or 9 => new TaskLayout
            {
                Coroutine = minor == 8 ? 112 : 152, Frame = 16, Generator = 96, StackEnd = 72, Closure = 48, FunctionName = 104,
                FunctionModule = 88, HasWakeupType = true,
            },
            10 => new TaskLayout
            {
                Coroutine = 160, Frame = 16, Generator = 88, StackEnd = 80, Stack = 64, Closure = 72, FunctionName = 40,
                FunctionModule = 104,
            },
            11 => OfInlineFrames(frame: 80, coroutine: 136, AttributeStore.Pointer),
            12 => OfInlineFrames(frame: 72, coroutine: 136, AttributeStore.TaggedPointer),
            13 => OfInlineFrames(frame: 72, coroutine: 120, AttributeStore.Inline),
            _ => default,
        };
        return layout.Coroutine != 0;
    }

    private static TaskLayout OfInlineFrames(int frame, int coroutine, AttributeStore attributes) => new()
    {
        Coroutine = coroutine, Frame = frame, StackEnd = 64, Stack = 72, Closure = 72, FunctionName = 40, FunctionModule = 104,
        Attributes = attributes,
    };
}

/// <summary>Where the values of an object's attributes are, which has had no dictionary made of them.</summary>
internal enum AttributeStore
{
    /// <summary>Nowhere: there is a dictionary.</summary>
    None,

    /// <summary>3.11: a pointer to them lies four words before the object.</summary>
    Pointer,

    /// <summary>3.12: three words before, and one too little.</summary>
    TaggedPointer,

    /// <summary>3.13: behind the object, and behind a word that says whether they are valid.</summary>
    Inline,
}
