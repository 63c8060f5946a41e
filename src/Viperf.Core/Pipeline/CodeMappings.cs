using System.Text;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>Announces captured code to readers, as mappings of the files that will describe it.</summary>
/// <param name="capture">Knows the files.</param>
internal sealed class CodeMappings(PythonCapture capture)
{
    /// <summary>Bytes that one mapping announces.</summary>
    private const ulong MappingBytes = 16 * 1024 * 1024;

    private const uint ReadExecute = 5; // PROT_READ | PROT_EXEC of sys/mman.h
    private const uint Private = 2; // MAP_PRIVATE

    private readonly Dictionary<CapturedStacks, ulong> _announced = [];

    /// <summary>Announces the code of a process before its first sample, and more of it before that is used up.</summary>
    /// <param name="stacks">The process's code.</param>
    /// <param name="time">The sample's time.</param>
    /// <param name="layout">How its event's records are laid out.</param>
    /// <param name="output">Where to.</param>
    public void Announce(CapturedStacks stacks, ulong time, EventLayout layout, ByteWriter output)
    {
        _announced.TryGetValue(stacks, out ulong announced);
        if (announced > 0 && stacks.Code.Length < announced - (MappingBytes / 2))
        {
            return;
        }

        output.WriteBytes(new RecordBuilder(layout).Mmap2(
            new MappedFile
            {
                Pid = stacks.Process.Pid,
                Tid = stacks.Process.Pid,
                Start = stacks.Start + announced,
                Length = MappingBytes,
                FileOffset = CapturedFiles.TextOffset + announced,
                Protection = ReadExecute,
                Flags = Private,
                BuildId = capture.BuildIdOf(stacks),
                FileName = Encoding.UTF8.GetBytes(capture.FileOf(stacks)),
            },
            RecordMisc.PERF_RECORD_MISC_USER,
            new SampleId { Pid = stacks.Process.Pid, Tid = stacks.Process.Pid, Time = time }));
        _announced[stacks] = announced + MappingBytes;
    }
}
