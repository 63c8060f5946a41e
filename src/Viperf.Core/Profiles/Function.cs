namespace Viperf.Core.Profiles;

/// <summary>One function, or an address that nothing names.</summary>
/// <param name="Name">The symbol's name; empty where nothing names the address.</param>
/// <param name="Module">Index in <see cref="ModuleTable"/>.</param>
/// <param name="Start">The symbol's first address, in the module's own terms; the frame's address where
/// <paramref name="Name"/> is empty; 0 for inlined functions, which begin at many places, and for
/// <see cref="ModuleKind.PythonSource"/>.</param>
public readonly record struct Function(string Name, int Module, ulong Start)
{
    /// <summary>True if a symbol was found.</summary>
    public bool IsNamed => Name.Length != 0;

    /// <summary>True for a function as far as it was inlined into others, which is one function for each module.</summary>
    public bool IsInlined { get; init; }

    /// <summary>
    /// What belongs beside the name, since the name alone says little: of a Python function as people are shown it, its source
    /// file's <see cref="Module.Name"/> and, where it is known, the line that it begins at; null for functions that symbols name.
    /// </summary>
    public string? Place { get; init; }

    /// <summary>The name as it is shown where no module stands beside it; perf marks inlined functions so.</summary>
    public string Title => IsInlined ? $"{Name} (inlined)" : Place is null ? Name : $"{Name} ({Place})";
}
