using System.Buffers;
using Viperf.Core.Linux;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>
/// Writes records of what exists before the recording, as if the kernel had told of it: its own text, and names and
/// mappings of processes. They have no time, so readers take them first.
/// </summary>
/// <param name="drain">Takes the records.</param>
/// <param name="layout">The layout of the recording's records.</param>
/// <param name="dataMappings">True to write mappings that are not executable, too.</param>
/// <param name="withBuildIds">True to write the build-ids of files.</param>
internal sealed class Synthesizer(IRecordDrain drain, EventLayout layout, bool dataMappings, bool withBuildIds)
{
    // MAP_SHARED and MAP_PRIVATE of sys/mman.h.
    private const uint MapShared = 1;
    private const uint MapPrivate = 2;

    private readonly MappedBuildIds? _buildIds = withBuildIds ? new MappedBuildIds() : null;
    private readonly RecordBuilder _records = new(layout);

    /// <summary>Records that are not in the file yet: a process may have a thousand, too many for a write each.</summary>
    private readonly ArrayBufferWriter<byte> _pending = new();

    /// <summary>The kernel's text and modules.</summary>
    public void WriteKernel()
    {
        var modules = KernelLayout.Modules();
        if (KernelLayout.FindText() is not { } text)
        {
            return; // kptr_restrict hides the addresses, so no sample could be named anyway
        }

        ulong end = modules.Where(module => module.Start > text.Start).Select(module => module.Start)
            .Append(text.Start + KernelLayout.LongestText).Min();
        WriteKernelMapping(text.Start, end - text.Start, text.Start, "[kernel.kallsyms]" + text.Symbol);
        foreach (var module in modules)
        {
            WriteKernelMapping(module.Start, module.Length, 0, $"[{module.Name}]");
        }

        Flush();
    }

    /// <summary>The name of a process's first thread only: of one that is about to execute something else.</summary>
    public void WriteName(int pid)
    {
        WriteThreadName(pid, pid);
        Flush();
    }

    /// <summary>Threads, names and mappings of a process.</summary>
    public void WriteProcess(int pid)
    {
        WriteThreadName(pid, pid);
        foreach (int tid in ProcFs.Threads(pid))
        {
            if (tid != pid)
            {
                Add(_records.Fork(pid, pid, tid, pid));
                WriteThreadName(pid, tid);
            }
        }

        foreach (var mapping in ProcFs.Mappings(pid))
        {
            if (dataMappings || (mapping.Protection & ProcessMapping.ProtExec) != 0)
            {
                WriteMapping(pid, mapping);
            }
        }

        Flush();
    }

    /// <summary>A mapping as records have it.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="mapping">What lies in its memory.</param>
    /// <param name="buildIds">Knows the files' build-ids; null where they are not wanted.</param>
    public static MappedFile MappingOf(int pid, ProcessMapping mapping, MappedBuildIds? buildIds) => new()
    {
        Pid = pid,
        Tid = pid,
        Start = mapping.Start,
        Length = mapping.End - mapping.Start,
        FileOffset = mapping.FileOffset,
        Protection = mapping.Protection,
        Flags = mapping.Shared ? MapShared : MapPrivate,
        DeviceMajor = mapping.DeviceMajor,
        DeviceMinor = mapping.DeviceMinor,
        Inode = mapping.Inode,
        BuildId = buildIds == null ? default : buildIds.Of(pid, mapping),
        FileName = mapping.Path.Length > 0 ? mapping.Path : "//anon"u8,
    };

    /// <summary>Marks the end of these records.</summary>
    public void Finish()
    {
        drain.Write(_records.FinishedInit());
        drain.Flush();
    }

    private void Add(ReadOnlySpan<byte> record) => _pending.Write(record);

    private void Flush()
    {
        drain.Write(_pending.WrittenSpan);
        _pending.ResetWrittenCount();
    }

    private void WriteThreadName(int pid, int tid)
    {
        if (ProcFs.ThreadName(pid, tid) is { } name)
        {
            Add(_records.Comm(pid, tid, name));
        }
    }

    private void WriteMapping(int pid, ProcessMapping mapping)
    {
        bool executable = (mapping.Protection & ProcessMapping.ProtExec) != 0;
        Add(_records.Mmap2(
            MappingOf(pid, mapping, _buildIds),
            RecordMisc.PERF_RECORD_MISC_USER | (executable ? 0 : RecordMisc.PERF_RECORD_MISC_MMAP_DATA)));
    }

    private void WriteKernelMapping(ulong start, ulong length, ulong offset, string name) =>
        Add(_records.Mmap(
            new MappedFile
            {
                Pid = -1,
                Tid = 0,
                Start = start,
                Length = length,
                FileOffset = offset,
                FileName = System.Text.Encoding.UTF8.GetBytes(name),
            },
            RecordMisc.PERF_RECORD_MISC_KERNEL));
}
