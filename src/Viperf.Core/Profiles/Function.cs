namespace Viperf.Core.Profiles;

/// <summary>One function, or an address that nothing names.</summary>
/// <param name="Name">The symbol's name as the file has it; empty where nothing names the address.</param>
/// <param name="Module">Index in <see cref="ModuleTable"/>.</param>
/// <param name="Start">The symbol's first address, in the module's own terms; the frame's address where
/// <paramref name="Name"/> is empty.</param>
public readonly record struct Function(string Name, int Module, ulong Start)
{
    /// <summary>True if a symbol was found.</summary>
    public bool IsNamed => Name.Length != 0;
}
