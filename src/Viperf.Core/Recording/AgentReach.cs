using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>
/// Which of the recorded processes ran Python without viperf's agent: it comes by their environment, which a program may
/// empty for its children, and the loader does not listen to in all of them.
/// </summary>
internal sealed class AgentReach
{
    /// <summary>Memory is for what happened, not for what a hostile machine tells.</summary>
    private const int MostProcesses = 100_000;

    private readonly Dictionary<int, Image> _images = [];
    private readonly List<int> _missed = [];

    private static ReadOnlySpan<byte> Agent => "/libviperf-agent.so"u8;

    /// <summary>Processes that ran Python without the agent, in the order in which that was found out.</summary>
    public IReadOnlyList<int> Missed
    {
        get
        {
            foreach (int pid in _images.Keys)
            {
                EndImage(pid);
            }

            _images.Clear();
            return _missed;
        }
    }

    /// <summary>True for records that tell something.</summary>
    public static bool Wants(RecordType type) =>
        type is RecordType.PERF_RECORD_MMAP or RecordType.PERF_RECORD_MMAP2 or RecordType.PERF_RECORD_COMM
            or RecordType.PERF_RECORD_FORK;

    /// <summary>Takes a record; one that makes no sense tells nothing.</summary>
    public void OnRecord(RecordView record)
    {
        try
        {
            switch (record.Type)
            {
                case RecordType.PERF_RECORD_MMAP or RecordType.PERF_RECORD_MMAP2:
                    OnMapping(new MmapView(record));
                    break;
                case RecordType.PERF_RECORD_COMM when new CommView(record) is { IsExec: true } named:
                    EndImage(named.Pid);
                    _images.Remove(named.Pid);
                    break;
                case RecordType.PERF_RECORD_FORK:
                    OnFork(new TaskView(record));
                    break;
            }
        }
        catch (ParseException)
        {
            // Counted by whoever makes the file's records of it.
        }
    }

    /// <summary>True for the file of an interpreter's program or library.</summary>
    internal static bool IsPython(ReadOnlySpan<byte> path)
    {
        var name = path[(path.LastIndexOf((byte)'/') + 1)..];
        bool isLibrary = name.StartsWith("libpython3"u8);
        bool isProgram = name.StartsWith("python3"u8) || name.SequenceEqual("python"u8);
        return isLibrary ? name.IndexOf(".so"u8) > 0 : isProgram && name.IndexOf(".so"u8) < 0;
    }

    private void OnMapping(in MmapView mapping)
    {
        var found = mapping.FileName.EndsWith(Agent) ? Image.HasAgent
            : mapping.Executable && IsPython(mapping.FileName) ? Image.IsPython
            : Image.Plain;
        if (found != Image.Plain && _images.Count < MostProcesses)
        {
            _images[mapping.Pid] = _images.GetValueOrDefault(mapping.Pid) | found;
        }
    }

    private void OnFork(in TaskView task)
    {
        if (task.Pid != task.ParentPid && _images.TryGetValue(task.ParentPid, out var image) && _images.Count < MostProcesses)
        {
            _images[task.Pid] = image | Image.IsForked;
        }
    }

    /// <summary>A forked child is what its parent is, and is not counted again.</summary>
    private void EndImage(int pid)
    {
        if (_images.GetValueOrDefault(pid) == Image.IsPython)
        {
            _missed.Add(pid);
        }
    }

    [Flags]
    private enum Image
    {
        Plain = 0,
        IsPython = 1,
        HasAgent = 2,
        IsForked = 4,
    }
}
