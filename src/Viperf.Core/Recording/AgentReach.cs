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
    private const int MostEvents = 1 << 18;

    /// <summary>Rings are emptied one after the other, so what happened comes in no order.</summary>
    private readonly List<(ulong Time, int Pid, Image Change)> _events = [];

    private static ReadOnlySpan<byte> Agent => "/libviperf-agent.so"u8;

    /// <summary>True for records that tell something.</summary>
    public static bool Wants(RecordType type) =>
        type is RecordType.PERF_RECORD_MMAP or RecordType.PERF_RECORD_MMAP2 or RecordType.PERF_RECORD_COMM;

    /// <summary>Takes a record; one that makes no sense tells nothing.</summary>
    /// <param name="record">The record.</param>
    /// <param name="time">Its time.</param>
    public void OnRecord(RecordView record, ulong time)
    {
        try
        {
            if (record.Type == RecordType.PERF_RECORD_COMM)
            {
                if (new CommView(record) is { IsExec: true } named)
                {
                    Add(time, named.Pid, Image.Begins);
                }
            }
            else if (new MmapView(record) is { Executable: true } mapping)
            {
                if (mapping.FileName.EndsWith(Agent))
                {
                    Add(time, mapping.Pid, Image.HasAgent);
                }
                else if (IsPython(mapping.FileName))
                {
                    Add(time, mapping.Pid, Image.IsPython);
                }
            }
        }
        catch (ParseException)
        {
            // Counted by whoever makes the file's records of it.
        }
    }

    /// <summary>
    /// Processes that ran Python without the agent, in the order in which they began to. A forked child is what its parent is,
    /// and counts only for what it executes.
    /// </summary>
    public IReadOnlyList<int> FindMissed()
    {
        var images = new Dictionary<int, Image>();
        var missed = new List<int>();
        foreach (var (_, pid, change) in _events.OrderBy(happened => happened.Time))
        {
            if (change == Image.Begins)
            {
                EndImage(pid);
                images[pid] = Image.Begins;
            }
            else
            {
                images[pid] = images.GetValueOrDefault(pid) | change;
            }
        }

        foreach (int pid in images.Keys)
        {
            EndImage(pid);
        }

        return missed;

        void EndImage(int pid)
        {
            if ((images.GetValueOrDefault(pid) & (Image.IsPython | Image.HasAgent)) == Image.IsPython)
            {
                missed.Add(pid);
            }
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

    private void Add(ulong time, int pid, Image change)
    {
        if (_events.Count < MostEvents)
        {
            _events.Add((time, pid, change));
        }
    }

    /// <summary>What a process executes.</summary>
    [Flags]
    private enum Image
    {
        Unknown = 0,
        Begins = 1,
        IsPython = 2,
        HasAgent = 4,
    }
}
