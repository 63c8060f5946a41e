namespace Viperf.Core.Profiles;

/// <summary>What stands at the leaf of stacks of threads that do not run.</summary>
public static class WaitNames
{
    /// <summary>They wait for the interpreter's lock.</summary>
    public const string Gil = "[GIL wait]";

    /// <summary>They wait for a CPU.</summary>
    public const string Cpu = "[waiting for a CPU]";

    /// <summary>They wait in the kernel; what follows says for what.</summary>
    public const string BlockedPrefix = "[blocked: ";

    /// <summary>They wait for a page of memory.</summary>
    public const string Fault = "[blocked: page fault]";

    /// <summary>True for all of them.</summary>
    public static bool Contains(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name is Gil or Cpu || name.StartsWith(BlockedPrefix, StringComparison.Ordinal);
    }
}
