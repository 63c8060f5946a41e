namespace Viperf.Agent.Trampolines;

/// <summary>Where the names of trampolines go.</summary>
internal enum Backend
{
    /// <summary><c>/tmp/perf-PID.map</c>: names alone.</summary>
    PerfMap,

    /// <summary><c>/tmp/jit-PID.dump</c>: names, times, code, unwind information and first lines.</summary>
    JitDump,
}
