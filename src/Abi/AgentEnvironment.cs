namespace Viperf.Abi;

/// <summary>
/// What the recorder tells the agents of the processes that it records, and where it hears of them. Each text has a zero
/// byte behind it, as <c>"…"u8</c> has.
/// </summary>
internal static class AgentEnvironment
{
    /// <summary>The variable that switches trampolines on at the start of a Python program: a backend's name.</summary>
    public static ReadOnlySpan<byte> Mode => "VIPERF"u8;

    /// <summary>The variable that forbids CPython's own trampolines where the agent has none to offer.</summary>
    public static ReadOnlySpan<byte> AgentOnly => "VIPERF_AGENT_ONLY"u8;

    /// <summary>The variable that names the recorder's directory, in which <see cref="NotesFile"/> takes notes.</summary>
    public static ReadOnlySpan<byte> Session => "VIPERF_SESSION"u8;

    /// <summary>Behind the directory's name; lines of PID, a blank and a text.</summary>
    public static ReadOnlySpan<byte> NotesFile => "/notes"u8;

    /// <summary>The backend that writes <c>/tmp/perf-PID.map</c>.</summary>
    public static ReadOnlySpan<byte> PerfMap => "perf"u8;

    /// <summary>The backend that writes <c>/tmp/jit-PID.dump</c>.</summary>
    public static ReadOnlySpan<byte> JitDump => "perf_jit"u8;
}
