namespace Viperf.Core.Profiles;

/// <summary>What kind of code a frame is, as people tell it apart.</summary>
public enum FrameKind : byte
{
    /// <summary>A Python function.</summary>
    Python,

    /// <summary>Compiled code: the interpreter's, extensions', libraries'.</summary>
    Native,

    /// <summary>The kernel's.</summary>
    Kernel,

    /// <summary>What the interpreter does beside running functions: imports, garbage collection.</summary>
    Interpreter,

    /// <summary>The thread did not run: why it did not.</summary>
    Wait,

    /// <summary>Nobody knows what lay at the address.</summary>
    Unknown,
}
