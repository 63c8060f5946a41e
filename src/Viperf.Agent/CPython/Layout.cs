namespace Viperf.Agent.CPython;

/// <summary>
/// Where one version of CPython keeps what the generated evaluator reads; offsets in bytes. Measured on releases of each
/// version, and checked again in every process before they are used (<see cref="Trampolines.CodeExtraProbe"/>).
/// </summary>
internal readonly struct Layout
{
    /// <summary>Py_TAG_BITS of CPython's <c>_PyStackRef</c>.</summary>
    private const int TagBits = 3;

    private Layout(int frameCode, int frameTag, int codeExtra)
    {
        FrameCode = frameCode;
        FrameTag = frameTag;
        CodeExtra = codeExtra;
    }

    /// <summary>From a frame to the pointer to its code.</summary>
    public int FrameCode { get; }

    /// <summary>Bits of that pointer that are no part of it.</summary>
    public int FrameTag { get; }

    /// <summary>From a code object to <c>co_extra</c>.</summary>
    public int CodeExtra { get; }

    /// <summary>
    /// From a thread state to the counter of C calls that the version lets nest (<c>c_recursion_remaining</c>), which Python
    /// calls do not count for unless an evaluator like ours is there: for two each. 0 where there is none.
    /// </summary>
    public int CallsLeft { get; private init; }

    /// <summary>
    /// How many of these a trampoline gives back while its call lasts. Both in 3.12, which allows 1,500, so that the program's
    /// own limit counts and then the stack's; one in 3.13, which allows 10,000: more could not be told from C code that takes
    /// the whole stack.
    /// </summary>
    public int CallsGivenBack { get; private init; }

    /// <summary>True if the evaluator gets the frame first, not the thread state.</summary>
    public bool FrameIsFirst { get; private init; }

    /// <summary>
    /// True if calls from Python to Python take no C stack by themselves, and nothing but a counter keeps them from
    /// overflowing it when they do. From 3.14 on CPython looks at the stack itself.
    /// </summary>
    public bool NeedsStackLimit { get; private init; }

    /// <summary>True if a code object knows its qualified name.</summary>
    public bool HasQualifiedNames { get; private init; }

    /// <summary>The layout of CPython 3.<paramref name="minor"/>.</summary>
    /// <returns>False for versions that are not known.</returns>
    public static bool TryGet(int minor, out Layout layout)
    {
        layout = minor switch
        {
            8 => new Layout(32, 0, 144) { FrameIsFirst = true },
            9 or 10 => new Layout(32, 0, 144),
            11 => new Layout(32, 0, 176) { NeedsStackLimit = true, HasQualifiedNames = true },
            12 => new Layout(0, 0, 184) { CallsLeft = 36, CallsGivenBack = 2, NeedsStackLimit = true, HasQualifiedNames = true },
            13 => new Layout(0, 0, 192) { CallsLeft = 52, CallsGivenBack = 1, NeedsStackLimit = true, HasQualifiedNames = true },
            14 or 15 => new Layout(0, TagBits, 200) { HasQualifiedNames = true },
            _ => default,
        };
        return layout.CodeExtra != 0;
    }
}
