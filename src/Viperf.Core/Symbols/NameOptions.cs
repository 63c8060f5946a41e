namespace Viperf.Core.Symbols;

/// <summary>How functions are called that compilers gave other names than programmers did; perf's way by default.</summary>
public sealed record NameOptions
{
    /// <summary>What happens where nobody asks for something else.</summary>
    public static readonly NameOptions Default = new();

    /// <summary>Whether names of C++ and Rust are demangled in programs and libraries.</summary>
    public bool Demangle { get; init; } = true;

    /// <summary>The same in the kernel and its modules.</summary>
    public bool DemangleKernel { get; init; }

    /// <summary>Whether demangled C++ functions have their parameters.</summary>
    public bool WithParameters { get; init; }
}
