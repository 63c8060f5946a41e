using Viperf.Core.Linux;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>
/// Writes records of what exists before the recording, as if the kernel had told of it: its own text, and names and
/// mappings of processes. They have no time, so readers take them first.
/// </summary>
internal sealed class Synthesizer(PerfDataWriter file, EventLayout layout, bool dataMappings, bool withBuildIds)
{
    // MAP_SHARED and MAP_PRIVATE of sys/mman.h.
    private const uint MapShared = 1;
    private const uint MapPrivate = 2;

    private readonly MappedBuildIds? _buildIds = withBuildIds ? new MappedBuildIds() : null;
    private readonly RecordBuilder _records = new(layout);

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
    }

    /// <summary>The name of a process's first thread only: of one that is about to execute something else.</summary>
    public void WriteName(int pid) => WriteThreadName(pid, pid);

    /// <summary>Threads, names and mappings of a process.</summary>
    public void WriteProcess(int pid)
    {
        WriteThreadName(pid, pid);
        foreach (int tid in ProcFs.Threads(pid))
        {
            if (tid != pid)
            {
                file.Write(_records.Fork(pid, pid, tid, pid));
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
    }

    /// <summary>Marks the end of these records.</summary>
    public void Finish() => file.Write(_records.FinishedInit());

    private void WriteThreadName(int pid, int tid)
    {
        if (ProcFs.ThreadName(pid, tid) is { } name)
        {
            file.Write(_records.Comm(pid, tid, name));
        }
    }

    private void WriteMapping(int pid, ProcessMapping mapping)
    {
        bool executable = (mapping.Protection & ProcessMapping.ProtExec) != 0;
        file.Write(_records.Mmap2(
            new MappedFile
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
                BuildId = _buildIds == null ? default : _buildIds.Of(pid, mapping),
                FileName = mapping.Path.Length > 0 ? mapping.Path : "//anon"u8,
            },
            RecordMisc.PERF_RECORD_MISC_USER | (executable ? 0 : RecordMisc.PERF_RECORD_MISC_MMAP_DATA)));
    }

    private void WriteKernelMapping(ulong start, ulong length, ulong offset, string name) =>
        file.Write(_records.Mmap(
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
