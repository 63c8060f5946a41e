using System.Runtime.InteropServices;
using Xunit;

namespace Viperf.EndToEnd.Harness;

/// <summary>The programs of tests/workloads, which are what the tests record.</summary>
internal static class Workload
{
    /// <summary>foo called by bar called by baz: nearly all samples are in foo. Argument: rounds of its loop.</summary>
    public static string Nested => PathOf("nested.py");

    /// <summary>Recursion, generators and small objects: the most calls a second. Argument: repetitions.</summary>
    public static string Calls => PathOf("calls.py");

    /// <summary>Three named threads, each in a function of its own. Argument: seconds.</summary>
    public static string Threads => PathOf("threads.py");

    /// <summary>Children by fork, by subprocess and by multiprocessing, each in a function of its own.</summary>
    public static string Processes => PathOf("processes.py");

    /// <summary>Time in C below distinct Python functions. Argument: repetitions.</summary>
    public static string Native => PathOf("native.py");

    /// <summary>Time in numpy's own code. Argument: repetitions.</summary>
    public static string Arrays => PathOf("arrays.py");

    /// <summary>Python functions called from C in many ways, by <c>once</c>. Argument: repetitions.</summary>
    public static string Callbacks => PathOf("callbacks.py");

    /// <summary>Objects in cycles, made by <c>churn</c>. Argument: how many.</summary>
    public static string Garbage => PathOf("garbage.py");

    /// <summary>Imports modules of the standard library in <c>load</c>. Argument: repetitions.</summary>
    public static string Imports => PathOf("imports.py");

    /// <summary>Reads its input, writes to both outputs, ends with status 3: what a recorder must not touch.</summary>
    public static string Echo => PathOf("echo.py");

    /// <summary>Machine code of its own that a perf map calls <c>py::spin:jitted.py</c>. Argument: rounds of its loop.</summary>
    public static string Jitted => MachineCodeOf("jitted.py");

    /// <summary>
    /// Machine code of its own, told of in a jitdump: <c>py::first</c>, then at its place <c>py::second</c>; after a fork the
    /// parent puts <c>py::third</c> there and runs <c>py::parents</c> where the child runs <c>py::childs</c>. Argument: rounds
    /// of each one's loop.
    /// </summary>
    public static string JitDump => MachineCodeOf("jitdump.py");

    /// <summary>The path of a program's source by its name.</summary>
    public static string PathOf(string name) => Repository.PathOf("tests", "workloads", name);

    private static string MachineCodeOf(string name)
    {
        Assert.SkipUnless(RuntimeInformation.OSArchitecture == Architecture.X64, "the workload's machine code is x86-64");
        return PathOf(name);
    }
}
