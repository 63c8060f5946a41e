namespace Viperf.Core.Processes;

/// <summary>A thread at the present moment of the recording.</summary>
public sealed class ThreadState
{
    internal ThreadState(int tid, ProcessState process, int comm)
    {
        Tid = tid;
        Process = process;
        Comm = comm;
    }

    /// <summary>Thread id, as the recorder's pid namespace sees it.</summary>
    public int Tid { get; }

    /// <summary>The process that it belongs to.</summary>
    public ProcessState Process { get; internal set; }

    /// <summary>Its name: index in the profile's <c>Comms</c>.</summary>
    public int Comm { get; internal set; }
}

/// <summary>A process at the present moment of the recording.</summary>
public sealed class ProcessState
{
    internal ProcessState(int pid, AddressSpace memory)
    {
        Pid = pid;
        Memory = memory;
    }

    /// <summary>Process id, as the recorder's pid namespace sees it.</summary>
    public int Pid { get; }

    /// <summary>What lies where in it.</summary>
    public AddressSpace Memory { get; }

    /// <summary>
    /// True from exec until the new program's first mapping: samples in between are still in the system call, and their
    /// user frames are the old program's.
    /// </summary>
    internal bool HasExeced { get; set; }
}
