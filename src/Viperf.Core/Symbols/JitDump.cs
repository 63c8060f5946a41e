using Viperf.Formats.Bytes;
using Viperf.Formats.Jit;

namespace Viperf.Core.Symbols;

/// <summary>
/// One jitdump file: its index, and what was read in the file beside it. The file may still be written: who finds nothing
/// in the index looks whether the file has grown.
/// </summary>
internal sealed class JitDump
{
    /// <summary>Milliseconds between two looks at the file's length, at least.</summary>
    private const long ShortestPause = 20;

    /// <summary>Reading on may take one part in so many of the time.</summary>
    private const int ReadingShare = 20;

    /// <summary>
    /// Bytes of one block's unwind information: code that a runtime generates at once is one function, with one entry of
    /// call frame information.
    /// </summary>
    private const int MostUnwindingBytes = 1 << 16;

    /// <summary>Bytes without a record that a fork leaves behind: the tail of the record that it cut in two.</summary>
    private const ulong TailBytes = 4096;

    private readonly ByteSource _source;
    private readonly JitDumpIndex _index;
    private readonly JitDumpLines _lines;

    /// <summary>When the file's length may be looked at again; milliseconds of <see cref="Environment.TickCount64"/>.</summary>
    private long _nextLook;

    /// <summary>Reads a file.</summary>
    /// <exception cref="ParseException">It is no jitdump, or not one that is read.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public JitDump(ByteSource source)
    {
        _source = source;
        _index = JitDumpIndex.Open(source);
        _lines = new JitDumpLines(_index);
        _nextLook = Environment.TickCount64 + ShortestPause;
    }

    /// <summary>How often code was added: what was found before that may not be what is found now.</summary>
    public int Generation { get; private set; }

    /// <summary>Index of the block that lay at an address at a time; negative if nothing is known.</summary>
    /// <param name="address">Virtual address.</param>
    /// <param name="time">Nanoseconds of CLOCK_MONOTONIC; null for the last block, because the time is not known.</param>
    /// <param name="until">The first time at which another may lie there, as long as the file does not grow.</param>
    public int Find(ulong address, ulong? time, out ulong until)
    {
        int found = FindInIndex(address, time, out until);
        return found < 0 && Environment.TickCount64 >= _nextLook && ReadMore() ? FindInIndex(address, time, out until) : found;
    }

    /// <summary>A block, whose index <see cref="Find"/> gave.</summary>
    public JitCodeBlock this[int block] => _index.Blocks[block];

    /// <summary>Blocks that are known so far.</summary>
    public int Count => _index.Blocks.Length;

    /// <summary>True if a block is the only one that is known to have lain at an address.</summary>
    public bool IsOnly(int block, ulong address) => _index.FindLatest(address) == block
        && (this[block].From == 0 || _index.Find(address, this[block].From - 1) < 0);

    /// <summary>A block's name.</summary>
    public string NameOf(int block) => ByteReader.Text(_index.NameOf(this[block]));

    /// <summary>The line of an address in a block; null if none is known.</summary>
    public SourceLine? LineOf(int block, ulong address) => _lines.Find(block, address);

    /// <summary>Reads a block's unwind information; null if there is none, or it cannot be read.</summary>
    public JitUnwinding? UnwindingOf(int block) =>
        _index.UnwindingOf(this[block]) is { EhFrameSize: > 0 } info ? Read(info, this[block]) : null;

    /// <summary>Why the file does not tell of all the code that its process generated; null if nothing says so.</summary>
    public string? Fault => FaultOf(_index);

    /// <summary>True if code was found by its place alone where there had been other code before.</summary>
    public bool HasReplacedCode { get; private set; }

    /// <summary>Why a jitdump does not tell of all code; null if nothing says so.</summary>
    public static string? FaultOf(JitDumpIndex index)
    {
        var counts = index.Counts;
        return counts.OverLimit != 0 ? "holds more than is read of one jitdump"
            : counts.BadRecords + counts.CutRecords + counts.UnknownMoves != 0 || counts.GapBytes > TailBytes
                ? "is damaged, so that not all of it can be read"
            : index.UnreadBytes != 0 ? "ends inside a record, since its process runs on or was killed"
            : null;
    }

    private int FindInIndex(ulong address, ulong? time, out ulong until)
    {
        if (time is { } known && (_index.Header.Flags & JitDumpFlags.ArchTimestamp) == 0)
        {
            return _index.Find(address, known, out until);
        }

        until = ulong.MaxValue;
        int latest = _index.FindLatest(address);
        if (latest >= 0 && !HasReplacedCode && this[latest].From is > 0 and var from
            && _index.Find(address, from - 1) is >= 0 and var earlier)
        {
            HasReplacedCode = !_index.NameOf(this[earlier]).SequenceEqual(_index.NameOf(this[latest]));
        }

        return latest;
    }

    /// <summary>Reads what was written since; true if there was code.</summary>
    public bool ReadMore()
    {
        long now = Environment.TickCount64;
        try
        {
            bool added = _index.ReadMore();
            Generation += added ? 1 : 0;
            return added;
        }
        catch (IOException)
        {
            return false;
        }
        finally
        {
            long end = Environment.TickCount64;
            _nextLook = end + Math.Max(ShortestPause, (end - now) * ReadingShare);
        }
    }

    /// <summary>Makes a jitdump of some of the blocks.</summary>
    /// <param name="blocks">Their indexes.</param>
    public ReadOnlyMemory<byte> Extract(IEnumerable<int> blocks)
    {
        using var file = new MemoryStream();
        var writer = new JitDumpWriter(file, _index.Header);
        foreach (int block in blocks.OrderBy(block => this[block].From))
        {
            var code = this[block];
            var lines = _lines.LinesOf(block);
            if (lines.Length != 0)
            {
                writer.WriteDebugInfo(code.From, code.Start, lines);
            }

            if (UnwindingOf(block) is { } unwinding)
            {
                writer.WriteUnwindingInfo(code.From, unwinding.EhFrame.Span, unwinding.EhFrameHeader.Span, mappedSize: 0);
            }

            writer.WriteCodeLoad(code.From, code.ThreadId, code.Start, code.Index, _index.NameOf(code), CodeOf(code));
        }

        return file.ToArray();
    }

    /// <summary>A block's code; zeros where the file does not have it, which only disassemblies miss.</summary>
    private ReadOnlySpan<byte> CodeOf(in JitCodeBlock block)
    {
        var code = new byte[Math.Max(block.Size, 1)];
        if (block.CodeOffset != 0)
        {
            _source.ReadAt(block.CodeOffset, code);
        }

        return code;
    }

    private JitUnwinding? Read(in JitUnwindingInfo info, in JitCodeBlock block)
    {
        try
        {
            var bytes = _source.Slice(info.Offset, (ulong)info.EhFrameSize + info.EhFrameHeaderSize, MostUnwindingBytes);
            return new JitUnwinding(
                bytes[..(int)info.EhFrameSize], bytes[(int)info.EhFrameSize..], block.Start + ((block.Size + 7UL) & ~7UL));
        }
        catch (Exception e) when (e is IOException or ParseException)
        {
            return null;
        }
    }
}
