namespace Viperf.Core.Profiles;

/// <summary>Why a stack ends where it ends.</summary>
public enum StackEnd : byte
{
    /// <summary>Nobody said: the kernel walked the stack by frame pointers, or there is no user's part.</summary>
    Unknown,

    /// <summary>At the start of the program or of the thread: nothing is missing.</summary>
    Complete,

    /// <summary>The copy of the stack was too short for it.</summary>
    CutByDump,

    /// <summary>viperf's limit: a record of perf.data holds no longer chain.</summary>
    CutByLimit,

    /// <summary>In code for which its module has no unwind information, and whose caller nothing else tells.</summary>
    NoUnwindInfo,

    /// <summary>At an address where nothing is known to lie.</summary>
    UnmappedCode,

    /// <summary>In memory that is not in the copy, such as another stack.</summary>
    UnreadableStack,

    /// <summary>The unwind information contradicts the stack, or itself.</summary>
    BadUnwindInfo,

    /// <summary>The processor's registers were not recorded, or are those of a 32-bit program.</summary>
    NoRegisters,

    /// <summary>The stack was not unwound, since samples came faster than that could be done.</summary>
    Overload,

    /// <summary>The kernel's limit of frames: kernel.perf_event_max_stack, or the recording's own.</summary>
    CutByKernel,

    /// <summary>The kernel followed frame pointers, and came to code that has none.</summary>
    NoFramePointers,
}
