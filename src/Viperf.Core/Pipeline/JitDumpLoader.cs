using System.Runtime.InteropServices;
using Viperf.Core.Linux;
using Viperf.Core.Symbols;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;
using Viperf.Formats.Jit;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>Reads the jitdumps of a recording's processes and has a file written for each piece of code.</summary>
/// <param name="reader">The recording.</param>
/// <param name="owner">The user that owns it; null where nobody says.</param>
/// <param name="options">What was asked for, and who takes messages.</param>
internal sealed class JitDumpLoader(PerfDataReader reader, uint? owner, InjectOptions options)
{
    private const int ClockMonotonic = 1; // CLOCK_MONOTONIC

    /// <summary>Bytes that unwind information begins at a multiple of, behind the code.</summary>
    private const ulong UnwindingAlignment = 8;

    /// <summary>What processes map of unwind information is no longer than it is, but for filling up to this.</summary>
    private const ulong MappedAlignment = 64;

    private readonly bool _isMonotonic = reader.Events.All(e =>
        (e.Attr.flags & AttrFlags.use_clockid) != 0 && e.Attr.clockid == ClockMonotonic);

    private JittedFiles? _files;

    /// <summary>How to read times of the processor's counter; null where the recording does not say.</summary>
    public TimeConversion? Clock { get; set; }

    /// <summary>Reads a jitdump and writes its files, or says why not.</summary>
    /// <param name="pid">The process that mapped it, as the recording calls it.</param>
    /// <param name="path">The path that it mapped it by.</param>
    /// <returns>The code in the jitdump's order; null if there is none.</returns>
    /// <exception cref="UserErrorException">The recording's times are not the jitdump's, or there is no place for the files.</exception>
    public List<JitMapping>? TryLoad(int pid, string path)
    {
        try
        {
            using var source = Open(pid, path);
            var index = JitDumpIndex.Open(source);
            if (!CanUse(index, pid, path))
            {
                return null;
            }

            var code = Inject(index, source, pid);
            if (JitDump.FaultOf(index) is { } fault)
            {
                options.Warn($"{path}: {fault}; some of the code that process {pid} generated may have no names");
            }

            return code;
        }
        catch (ParseException problem)
        {
            options.Warn($"{problem.Message}; the code that process {pid} generated has no names");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            options.Warn($"{path}: {problem.Message}; the code that process {pid} generated has no names");
        }

        return null;
    }

    private FileSource Open(int pid, string path)
    {
        // A process in a container sees other files at the path.
        if (ProcessNamespaces.RootOf(pid) is { } root)
        {
            try
            {
                return ProcessFile.Open(root + path, pid, owner);
            }
            catch (FileNotFoundException)
            {
                // The pid is another process's by now.
            }
        }

        return ProcessFile.Open(path, pid, owner);
    }

    /// <summary>True if the jitdump is the process's own and its times are the recording's.</summary>
    private bool CanUse(JitDumpIndex index, int pid, string path)
    {
        uint writer = index.Header.ProcessId;
        if (writer != (uint)pid && writer != (uint)ProcessNamespaces.OwnPidOf(pid))
        {
            options.Warn($"{path}: written by process {writer}, not by process {pid}, which mapped it; it is not used "
                + "(what a process is called inside its container is known only as long as it runs)");
            return false;
        }

        if ((index.Header.Flags & JitDumpFlags.ArchTimestamp) != 0)
        {
            if (Clock is null)
            {
                options.Warn($"{path}: its times are the processor's counter, and the recording does not say how to convert "
                    + $"them; the code that process {pid} generated has no names");
            }

            return Clock is not null;
        }

        return _isMonotonic ? true : throw new UserErrorException(
            $"jitted code must be sampled with the jitdump's clock, CLOCK_MONOTONIC: record with -k 1 ({path})");
    }

    private List<JitMapping> Inject(JitDumpIndex index, FileSource source, int pid)
    {
        var blocks = index.Blocks;
        var mappings = new List<JitMapping>(blocks.Length);
        ulong[] starts = new ulong[blocks.Length];
        for (int i = 0; i < blocks.Length; i++)
        {
            starts[i] = blocks[i].Start;
        }

        Array.Sort(starts);
        var writer = new BlockWriter(index, source, pid, MachineOf(index.Header), _files ??= new JittedFiles(Directory()));
        for (int i = 0; i < blocks.Length; i++)
        {
            ref readonly var block = ref blocks[i];
            if (writer.FileOf(i) is { } file)
            {
                mappings.Add(new JitMapping(
                    pid,
                    index.Header.ProcessId == (uint)pid ? (int)block.ThreadId : pid,
                    Clock is null || (index.Header.Flags & JitDumpFlags.ArchTimestamp) == 0
                        ? block.From
                        : Clock.ToNanoseconds(block.From),
                    block.Start,
                    LengthOf(block, index.UnwindingOf(block), starts),
                    file));
            }
        }

        if (writer.Failure != null)
        {
            options.Warn($"{writer.Failure}; {writer.Failed} pieces of code of process {pid} have no names");
        }

        options.Detail?.Invoke($"{source.Name}: {mappings.Count} pieces of code, {writer.Written} files");
        return mappings;
    }

    /// <summary>
    /// Bytes of code and of the unwind information behind it, up to the next code. That may lie closer than the writer says
    /// its information reaches, and mappings that overlap would cut each other.
    /// </summary>
    private static ulong LengthOf(in JitCodeBlock block, JitUnwindingInfo? unwinding, ulong[] starts)
    {
        if (unwinding is not { MappedSize: > 0 } info)
        {
            return block.Size;
        }

        ulong size = info.EhFrameSize + (ulong)info.EhFrameHeaderSize;
        ulong mapped = Math.Min(info.MappedSize, AlignUp(size, MappedAlignment));
        ulong length = AlignUp(block.Size, UnwindingAlignment) + mapped;
        int next = Array.BinarySearch(starts, block.Start + block.Size);
        next = next < 0 ? ~next : next;
        ulong room = (next < starts.Length ? starts[next] : ulong.MaxValue) - block.Start;
        return Math.Min(length, room);
    }

    private static ulong AlignUp(ulong value, ulong alignment) => (value + alignment - 1) & ~(alignment - 1);

    /// <summary>The processor that code is for: CPython 3.13.0 does not say, and then it is the recorded machine's.</summary>
    private ElfMachine MachineOf(in JitDumpHeader header)
    {
        if ((ElfMachine)header.ElfMachine is ElfMachine.EM_X86_64 or ElfMachine.EM_AARCH64)
        {
            return (ElfMachine)header.ElfMachine;
        }

        bool isArm = reader.Features.Arch is { } arch
            ? arch == "aarch64"
            : RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        return isArm ? ElfMachine.EM_AARCH64 : ElfMachine.EM_X86_64;
    }

    /// <summary>Where files go.</summary>
    private string Directory()
    {
        if (options.JitDirectory is not { } directory)
        {
            return NoFollowFile.StatusOf(options.OutputPath) is { IsRegular: true }
                ? Path.GetDirectoryName(Path.GetFullPath(options.OutputPath))!
                : throw new UserErrorException(
                    "jitted code becomes files beside the output, which is none here: say where they go with --jit-dir");
        }

        try
        {
            return System.IO.Directory.CreateDirectory(directory).FullName;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"cannot make the directory {directory}: {problem.Message}");
        }
    }

    /// <summary>Writes the files of one jitdump; code that was moved keeps its file.</summary>
    private sealed class BlockWriter(
        JitDumpIndex index, FileSource source, int pid, ElfMachine machine, JittedFiles files)
    {
        private readonly JitDumpLines _lines = new(index);

        /// <summary>The last code of each number.</summary>
        private readonly Dictionary<ulong, (JitCodeBlock Block, JittedFile File)> _known = [];

        /// <summary>Files that were written.</summary>
        public int Written { get; private set; }

        /// <summary>Pieces of code that have no file.</summary>
        public int Failed { get; private set; }

        /// <summary>Why the first of them has none.</summary>
        public string? Failure { get; private set; }

        /// <summary>The file of a block, by its place among the jitdump's; null if it cannot be written.</summary>
        public JittedFile? FileOf(int number)
        {
            var block = index.Blocks[number];
            if (_known.TryGetValue(block.Index, out var known) && IsMoved(known.Block, block))
            {
                return known.File;
            }

            try
            {
                var file = Write(block, _lines.LinesOf(number));
                _known[block.Index] = (block, file);
                Written++;
                return file;
            }
            catch (Exception problem) when (problem is IOException or ParseException)
            {
                Failed++;
                Failure ??= problem.Message;
                return null;
            }
        }

        private bool IsMoved(in JitCodeBlock before, in JitCodeBlock now) =>
            before.CodeOffset == now.CodeOffset
            && before.Size == now.Size
            && index.NameOf(before).SequenceEqual(index.NameOf(now));

        private JittedFile Write(in JitCodeBlock block, JitLine[] lines)
        {
            var unwinding = index.UnwindingOf(block);
            var code = block.CodeOffset == 0 ? default : source.Slice(block.CodeOffset, block.Size, Limits.JitRecordBytes);
            var frames = unwinding is not { EhFrameSize: > 0 } info ? default
                : source.Slice(info.Offset, info.EhFrameSize + (ulong)info.EhFrameHeaderSize, Limits.JitRecordBytes);
            return files.Write(pid, block.Index, new JittedFunction
            {
                Machine = machine,
                Name = index.NameOf(block),
                Size = block.Size,
                Code = code.Span,
                Unwinding = frames.Span,
                EhFrameHeaderSize = frames.IsEmpty ? 0 : (int)unwinding!.Value.EhFrameHeaderSize,
                Lines = lines,
            });
        }
    }
}
