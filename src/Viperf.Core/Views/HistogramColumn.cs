namespace Viperf.Core.Views;

/// <summary>What a histogram's entries are told apart by, and what is known of each: perf report's columns.</summary>
public enum HistogramColumn : byte
{
    /// <summary>Period of the entry and of everything that it called (perf's <c>overhead_children</c>).</summary>
    Children,

    /// <summary>Period of the entry itself (<c>overhead</c>).</summary>
    Self,

    /// <summary>The part of <see cref="Self"/> in the kernel (<c>overhead_sys</c>).</summary>
    SelfKernel,

    /// <summary>The part of <see cref="Self"/> in programs (<c>overhead_us</c>).</summary>
    SelfUser,

    /// <summary>Number of samples of the entry itself (<c>sample</c>).</summary>
    Samples,

    /// <summary>Period of the entry itself as a number (<c>period</c>).</summary>
    Period,

    /// <summary>A key: the thread's name (<c>comm</c>).</summary>
    Comm,

    /// <summary>A key: the process (<c>tgid</c>).</summary>
    Process,

    /// <summary>A key: the thread (<c>tid</c>, and <c>pid</c> as perf means it).</summary>
    Thread,

    /// <summary>A key: the module (<c>dso</c>).</summary>
    Dso,

    /// <summary>A key: the function (<c>sym</c>).</summary>
    Symbol,

    /// <summary>A key: the CPU (<c>cpu</c>).</summary>
    Cpu,

    /// <summary>A key: the line of source (<c>srcline</c>).</summary>
    SourceLine,
}
