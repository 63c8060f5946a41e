namespace Viperf.Core.Pipeline;

/// <summary>What of a Python program's stacks is shown.</summary>
public enum StackMode : byte
{
    /// <summary>Everything, under the names that symbols have.</summary>
    Native,

    /// <summary>Python functions, and C code that does what the program asked for, but not the interpreter's plumbing.</summary>
    Mixed,

    /// <summary>Python functions alone.</summary>
    Python,
}
