namespace Viperf.Core.Profiles;

/// <summary>
/// One piece of jitted code as a jitdump tells of it: what lay at a place from one moment on. It tells apart what
/// addresses alone do not, since code is replaced and moves.
/// </summary>
/// <param name="Module">Index in <see cref="ModuleTable"/> of the jitdump.</param>
/// <param name="Block">Index among the jitdump's blocks.</param>
public readonly record struct JitCode(int Module, int Block);

/// <summary>The jitted code that samples met, by index. Index 0 is none.</summary>
public sealed class JitCodeTable : InternTable<JitCode>
{
    /// <summary>Index that stands for code that no jitdump tells of.</summary>
    public const int None = 0;

    /// <summary>Creates a table with nothing but <see cref="None"/> in it.</summary>
    public JitCodeTable() => Intern(new JitCode(ModuleTable.Unknown, Block: -1));
}
