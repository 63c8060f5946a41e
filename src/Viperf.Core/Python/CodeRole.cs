namespace Viperf.Core.Python;

/// <summary>What a frame is in the stack of a Python program.</summary>
public enum CodeRole : byte
{
    /// <summary>Code that does what the program asked for: C functions of the interpreter or of extensions, libraries, the kernel.</summary>
    Work,

    /// <summary>A function in Python.</summary>
    PythonFunction,

    /// <summary>Code of the interpreter that leads from one function to the next: evaluator, calls, protocols, start of programs and threads.</summary>
    Plumbing,

    /// <summary>Code of the C library without a name: plumbing where a program or thread begins, else work.</summary>
    UnnamedLibrary,

    /// <summary>Import of modules, in C.</summary>
    Import,

    /// <summary>Import of modules, in Python: importlib.</summary>
    PythonImport,

    /// <summary>Collection of cyclic garbage.</summary>
    GarbageCollection,

    /// <summary>Waiting for the global interpreter lock.</summary>
    GilWait,

    /// <summary>The thread does not run: it is blocked, or waits for a CPU.</summary>
    Wait,

    /// <summary>The C library's wait for a condition, which in the interpreter's own code is the wait for the GIL.</summary>
    ConditionWait,

    /// <summary>viperf's agent, naming functions that are called for the first time.</summary>
    Agent,

    /// <summary>Code outside of Python functions, where stacks show nothing else of it.</summary>
    Outside,
}
