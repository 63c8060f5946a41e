namespace Viperf.Core.Profiles;

/// <summary>Why places of a module have no function's name.</summary>
public enum UnnamedReason : byte
{
    /// <summary>The module's symbols are known; the place lies between them.</summary>
    NotInTable,

    /// <summary>The file has only the symbols of its interface, or none: strip took the others out, and no debug file was found.</summary>
    Stripped,

    /// <summary>The file is not there any more.</summary>
    FileGone,

    /// <summary>At the file's path lies another one than was recorded.</summary>
    FileReplaced,

    /// <summary>The file may not be read by this user.</summary>
    NoPermission,

    /// <summary>The file is damaged, or of a kind that viperf does not read.</summary>
    Unreadable,

    /// <summary>The file is not of the format ELF, and names no code: .NET's assemblies.</summary>
    NotElf,

    /// <summary>Generated code, of which neither a perf map nor a jitdump tells.</summary>
    NoMap,

    /// <summary>The kernel hides its addresses from this user.</summary>
    KernelHidden,

    /// <summary>The recording is of another kernel than the one that runs, and no list of its symbols was found.</summary>
    OtherKernel,

    /// <summary>The kernel's symbols cannot be read, or it has no list of them.</summary>
    NoKernelSymbols,

    /// <summary>Nothing is known to have lain at the address.</summary>
    NotMapped,
}
