using Viperf.Core.Profiles;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Processes;

/// <summary>
/// Which threads and processes there are, what they are called and what lies in their memory, at the moment that the
/// stream of records has reached. Records must come in the order of their times.
/// </summary>
/// <param name="profile">Where modules and names are kept.</param>
public sealed class ProcessTimeline(Profile profile)
{
    private readonly Dictionary<int, ThreadState> _threads = [];
    private readonly Dictionary<int, ProcessState> _processes = [];

    /// <summary>The module of kernel addresses that no record places; -1 until one is met.</summary>
    private int _unmappedKernel = -1;

    /// <summary>What lies where in the kernel.</summary>
    public AddressSpace Kernel { get; } = new();

    /// <summary>The thread with an id; one that no record announced is called by its number, as perf does.</summary>
    public ThreadState Thread(int pid, int tid)
    {
        if (!_threads.TryGetValue(tid, out var thread))
        {
            string comm = tid == 0 ? "swapper" : $":{tid}";
            thread = new ThreadState(tid, Process(pid), profile.Comms.Intern(comm));
            _threads.Add(tid, thread);
        }
        else if (thread.Process.Pid != pid && pid >= 0)
        {
            // The id was given to a new thread and its fork record was lost.
            thread.Process = Process(pid);
        }

        return thread;
    }

    /// <summary>Finds what lies at an address in the kernel. Allocates nothing once the kernel is known.</summary>
    public Mapping FindKernel(ulong address)
    {
        if (Kernel.TryFind(address, out var mapping))
        {
            return mapping;
        }

        if (_unmappedKernel < 0)
        {
            _unmappedKernel = profile.Modules.Intern(ModuleNaming.UnmappedKernel());
        }

        return new Mapping(0, ulong.MaxValue, 0, _unmappedKernel);
    }

    /// <summary>Takes in a record, if it is of a kind that changes processes.</summary>
    /// <param name="record">The record.</param>
    /// <param name="time">Its time.</param>
    /// <exception cref="ParseException">The record is not consistent.</exception>
    public void OnRecord(RecordView record, ulong time)
    {
        switch (record.Type)
        {
            case RecordType.PERF_RECORD_MMAP or RecordType.PERF_RECORD_MMAP2:
                OnMmap(new MmapView(record));
                break;
            case RecordType.PERF_RECORD_COMM:
                OnComm(new CommView(record));
                break;
            case RecordType.PERF_RECORD_FORK:
                bool fromProc = (record.Misc & RecordMisc.PERF_RECORD_MISC_FORK_EXEC) != 0;
                OnFork(new TaskView(record), time, fromProc);
                break;
        }
    }

    /// <summary>Takes in a mapping; those that no code can run in are left out.</summary>
    public void OnMmap(in MmapView mmap)
    {
        ulong end = mmap.Start + mmap.Length;
        if (!mmap.Executable || end <= mmap.Start)
        {
            return;
        }

        if (mmap.Pid == -1)
        {
            // Kernel symbols carry virtual addresses, whatever the record says of offsets.
            profile.KernelReference ??= ModuleNaming.KernelReference(mmap);
            Kernel.Map(new Mapping(mmap.Start, end, 0, profile.Modules.Intern(ModuleNaming.OfKernel(mmap))));
            return;
        }

        var module = ModuleNaming.OfProcess(mmap);
        ulong bias = module.Kind switch
        {
            ModuleKind.File => mmap.Start - mmap.FileOffset,
            ModuleKind.Vdso => mmap.Start,
            _ => 0,
        };
        var memory = Process(mmap.Pid).Memory;
        memory.Map(new Mapping(mmap.Start, end, bias, profile.Modules.Intern(module), module.Kind == ModuleKind.Jit));
        if (module.Kind == ModuleKind.File && ModuleNaming.JitDump(module, mmap.Pid, out int writer) is { } dump)
        {
            memory.AddJitDump(profile.Modules.Intern(dump), isOwn: writer == mmap.Pid);
        }
    }

    /// <summary>Takes in a thread's new name; after exec all that was mapped is gone.</summary>
    public void OnComm(in CommView comm)
    {
        var thread = Thread(comm.Pid, comm.Tid);
        thread.Comm = profile.Comms.Intern(ByteReader.Text(comm.Name));
        if (comm.IsExec)
        {
            thread.Process.Exec();
        }
    }

    /// <summary>Takes in a new thread or process, which begins with its parent's name and memory.</summary>
    /// <param name="task">The record.</param>
    /// <param name="time">When it was, by the recording's clock.</param>
    /// <param name="fromProc">True if the recorder made the record from /proc: the mappings follow as records.</param>
    public void OnFork(in TaskView task, ulong time, bool fromProc)
    {
        var parent = Thread(task.ParentPid, task.ParentTid);
        if (task.Pid != task.ParentPid)
        {
            _processes[task.Pid] = new ProcessState(
                task.Pid, fromProc ? new AddressSpace() : parent.Process.Memory.Fork(time));
        }

        _threads[task.Tid] = new ThreadState(task.Tid, Process(task.Pid), parent.Comm);
    }

    private ProcessState Process(int pid)
    {
        if (!_processes.TryGetValue(pid, out var process))
        {
            process = new ProcessState(pid, new AddressSpace());
            _processes.Add(pid, process);
        }

        return process;
    }
}
