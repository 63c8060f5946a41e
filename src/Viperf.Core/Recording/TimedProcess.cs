using Viperf.Core.Linux;

namespace Viperf.Core.Recording;

/// <summary>A process that is sampled by timers, and what is known of it already.</summary>
/// <param name="process">The process.</param>
internal sealed class TimedProcess(CapturedProcess process)
{
    private readonly Dictionary<ulong, ProcessMapping> _mappings = []; // by address

    /// <summary>The process.</summary>
    public CapturedProcess Process => process;

    /// <summary>Threads besides the first that records tell of.</summary>
    public HashSet<int> Threads { get; } = [];

    /// <summary>A thread's number here. In another namespace that of the first is known alone.</summary>
    public int ThreadOf(int number) => number == process.OwnNumber ? process.Pid : number;

    /// <summary>Executable mappings that were not there the last time.</summary>
    public IEnumerable<ProcessMapping> NewMappings()
    {
        foreach (var mapping in ProcFs.Mappings(process.Pid))
        {
            if ((mapping.Protection & ProcessMapping.ProtExec) == 0)
            {
                continue;
            }

            bool isKnown = _mappings.TryGetValue(mapping.Start, out var before) && before.End == mapping.End
                && before.Inode == mapping.Inode && before.FileOffset == mapping.FileOffset && before.Path.AsSpan().SequenceEqual(mapping.Path);
            if (!isKnown)
            {
                _mappings[mapping.Start] = mapping;
                yield return mapping;
            }
        }
    }
}
