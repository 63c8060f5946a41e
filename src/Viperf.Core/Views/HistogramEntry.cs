using Viperf.Core.Profiles;

namespace Viperf.Core.Views;

/// <summary>One line of a histogram: what it stands for, and what it weighs.</summary>
public sealed class HistogramEntry
{
    private readonly ThreadKey _thread;

    internal HistogramEntry(int index, in ThreadKey thread)
    {
        Index = index;
        _thread = thread;
    }

    /// <summary>Name of the thread; its last name where names are no key.</summary>
    public required string Comm { get; init; }

    /// <summary>The function; its name is empty where nothing names the address.</summary>
    public required Function Function { get; init; }

    /// <summary>The module that the function lies in.</summary>
    public required Module Module { get; init; }

    /// <summary>The line of source; empty where lines are no key.</summary>
    public required string SourceLine { get; init; }

    /// <summary>The processor's mode where the entry was met first.</summary>
    public required FrameMode Mode { get; init; }

    /// <summary>Process id; -1 where neither processes nor threads are a key.</summary>
    public int Pid => _thread.Pid;

    /// <summary>Thread id; -1 where threads are no key.</summary>
    public int Tid => _thread.Tid;

    /// <summary>CPU number; -1 where CPUs are no key or were not recorded.</summary>
    public int Cpu => _thread.Cpu;

    /// <summary>Period of the samples whose leaf the entry is.</summary>
    public ulong SelfPeriod { get; internal set; }

    /// <summary>The part of <see cref="SelfPeriod"/> in the kernel.</summary>
    public ulong SelfKernelPeriod { get; internal set; }

    /// <summary>The part of <see cref="SelfPeriod"/> in programs.</summary>
    public ulong SelfUserPeriod { get; internal set; }

    /// <summary>Number of samples whose leaf the entry is.</summary>
    public ulong SelfSamples { get; internal set; }

    /// <summary>
    /// Period of the samples whose stack holds the entry, each sample counted once however often that is. Equal to
    /// <see cref="SelfPeriod"/> where callers get no entries.
    /// </summary>
    public ulong ChildrenPeriod { get; internal set; }

    /// <summary>The entry's number, in the order of first appearance: what the histogram's tables know it by.</summary>
    internal int Index { get; }

    /// <summary>Frames in the longest chain of the call graph: orders callers and callees of equal weight.</summary>
    internal int MaxDepth { get; set; }
}
