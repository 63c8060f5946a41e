using Viperf.Core.Processes;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>
/// Copies records, and between them, in the order of time, puts mappings of the code that processes generated: each stands
/// for a file that <see cref="JittedFiles"/> writes. A process tells of its jitdump by mapping it.
/// </summary>
internal sealed class JitInjector : IRecordSink
{
    private const uint ReadAndExecute = 5; // PROT_READ | PROT_EXEC
    private const uint MapShared = 1; // MAP_SHARED, as perf says
    private const ulong InodeGeneration = 1; // likewise

    private readonly RecordingCopy _copy;
    private readonly JitDumpLoader _loader;
    private readonly RecordBuilder _records;

    /// <summary>Code whose time has not come.</summary>
    private readonly PriorityQueue<JitMapping, (ulong Time, long Order)> _waiting = new();

    /// <summary>Processes whose jitdump was read, and whose program still runs.</summary>
    private readonly HashSet<int> _pids = [];

    /// <summary>Jitdumps that were met, and whether they can be read: a program may be started anew in the same process.</summary>
    private readonly Dictionary<(int Pid, string Path), bool> _met = [];
    private long _order;

    /// <summary>Creates an injector.</summary>
    /// <param name="copy">Takes the records.</param>
    /// <param name="loader">Reads jitdumps.</param>
    /// <param name="layout">The layout of the recording's first event, which readers take for injected records.</param>
    public JitInjector(RecordingCopy copy, JitDumpLoader loader, EventLayout layout)
    {
        _copy = copy;
        _loader = loader;
        _records = new RecordBuilder(layout);
    }

    /// <inheritdoc/>
    public void OnRecord(RecordView record, EventDescription source, ulong time)
    {
        if (time != 0)
        {
            InjectUpTo(time);
        }

        switch (record.Type)
        {
            case RecordType.PERF_RECORD_TIME_CONV:
                _loader.Clock = new TimeConversion(record);
                break;
            case RecordType.PERF_RECORD_COMM:
                var comm = new CommView(record);
                if (comm.IsExec)
                {
                    _pids.Remove(comm.Pid);
                }

                break;
            case RecordType.PERF_RECORD_MMAP or RecordType.PERF_RECORD_MMAP2:
                if (IsReplaced(new MmapView(record)))
                {
                    return;
                }

                break;
        }

        _copy.OnRecord(record, source, time);
    }

    /// <summary>Injects what is left; the recording has ended.</summary>
    public void Finish() => InjectUpTo(ulong.MaxValue);

    /// <summary>
    /// True for a mapping that injected ones take the place of: the jitdump's, which is no code, and anonymous memory of a
    /// process whose jitdump was read. Such memory holds its code, with or without the right to run it; it is told of again
    /// whenever it grows or its protection changes, and would cover what was injected before.
    /// </summary>
    private bool IsReplaced(MmapView mapped)
    {
        string path = ByteReader.Text(mapped.FileName);
        if (!ModuleNaming.IsJitDump(path, out _))
        {
            return _pids.Contains(mapped.Pid) && IsAnonymous(path);
        }

        if (!_met.TryGetValue((mapped.Pid, path), out bool isRead))
        {
            isRead = Load(mapped.Pid, path);
            _met.Add((mapped.Pid, path), isRead);
        }

        if (isRead)
        {
            _pids.Add(mapped.Pid);
        }

        return isRead;
    }

    /// <summary>True for memory that runtimes put code into.</summary>
    private static bool IsAnonymous(string name) =>
        name.StartsWith("//anon", StringComparison.Ordinal)
        || name.StartsWith("[anon:", StringComparison.Ordinal)
        || name.StartsWith("/memfd:", StringComparison.Ordinal);

    /// <summary>Reads a jitdump; false if there is nothing to be had from it.</summary>
    private bool Load(int pid, string path)
    {
        if (_loader.TryLoad(pid, path) is not { } code)
        {
            return false;
        }

        foreach (var mapping in code)
        {
            _waiting.Enqueue(mapping, (mapping.Time, _order++));
        }

        return true;
    }

    private void InjectUpTo(ulong time)
    {
        while (_waiting.TryPeek(out var next, out var when) && when.Time <= time)
        {
            _waiting.Dequeue();
            _copy.Write(_records.Mmap2(
                new MappedFile
                {
                    Pid = next.Pid,
                    Tid = next.Tid,
                    Start = next.Start,
                    Length = next.Length,
                    FileOffset = (ulong)next.File.TextOffset,
                    Protection = ReadAndExecute,
                    Flags = MapShared,
                    DeviceMajor = next.File.Status.DeviceMajor,
                    DeviceMinor = next.File.Status.DeviceMinor,
                    Inode = next.File.Status.Inode,
                    InodeGeneration = InodeGeneration,
                    FileName = next.File.Path,
                },
                RecordMisc.PERF_RECORD_MISC_USER,
                new SampleId(next.Pid, next.Tid, next.Time, Id: 0, Cpu: 0)));
        }
    }
}
