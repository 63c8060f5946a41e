namespace Viperf.Core.Python;

/// <summary>CPython's own just-in-time compiler (<c>--enable-experimental-jit</c>), which writes no map of its code.</summary>
public enum PythonJit
{
    /// <summary>There is none.</summary>
    Absent,

    /// <summary>It is there, and off unless PYTHON_JIT switches it on.</summary>
    Off,

    /// <summary>It is on.</summary>
    On,
}
