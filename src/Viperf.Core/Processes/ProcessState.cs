namespace Viperf.Core.Processes;

/// <summary>A process at the present moment of the recording.</summary>
public sealed class ProcessState
{
    /// <summary>
    /// What lay where before exec; null once the new program runs. Samples in between are still in the system call,
    /// and their user frames are the old program's.
    /// </summary>
    private AddressSpace? _beforeExec;

    internal ProcessState(int pid, AddressSpace memory)
    {
        Pid = pid;
        Memory = memory;
    }

    /// <summary>Process id, as the recorder's pid namespace sees it.</summary>
    public int Pid { get; }

    /// <summary>What lies where in it.</summary>
    public AddressSpace Memory { get; private set; }

    /// <summary>The jitdumps that tell of the code in which <see cref="TryFind"/> found an address last.</summary>
    public ReadOnlySpan<MappedJitDump> JitDumps => (_beforeExec ?? Memory).JitDumps;

    /// <summary>Another number after every change of what <see cref="TryFind"/> finds; see <see cref="AddressSpace.Generation"/>.</summary>
    public uint Generation => Memory.Generation;

    /// <summary>Finds what lies at an address of its code. Allocates nothing.</summary>
    public bool TryFind(ulong address, out Mapping mapping)
    {
        if (Memory.TryFind(address, out mapping))
        {
            if (_beforeExec is not null)
            {
                _beforeExec = null;
                Memory.Touch();
            }

            return true;
        }

        return _beforeExec != null && _beforeExec.TryFind(address, out mapping);
    }

    /// <summary>The process executes another program: all that was mapped is gone.</summary>
    internal void Exec()
    {
        _beforeExec = Memory;
        Memory = new AddressSpace();
    }
}
