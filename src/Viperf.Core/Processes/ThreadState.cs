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
