namespace Viperf.Core.Python;

/// <summary>How the Python programs of a recording get to show their functions.</summary>
public enum PythonSupport
{
    /// <summary>By viperf's agent; by CPython's own support where the agent does not know the version.</summary>
    Auto,

    /// <summary>By CPython's own support alone (<c>-X perf</c>), from 3.12 on.</summary>
    BuiltIn,

    /// <summary>By viperf's agent alone.</summary>
    Agent,

    /// <summary>Each thread writes its own frames down, with lines, where it is when a sample is taken.</summary>
    Capture,

    /// <summary>Not at all, unless they switch it on themselves.</summary>
    Off,
}
