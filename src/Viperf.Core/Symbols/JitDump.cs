using System.Diagnostics;
using Viperf.Core.Linux;
using Viperf.Formats.Bytes;
using Viperf.Formats.Jit;

namespace Viperf.Core.Symbols;

/// <summary>
/// One jitdump file: its index, and what was read in the file beside it. The file may still be written: who finds nothing
/// in the index looks whether the file has grown.
/// </summary>
internal sealed class JitDump : IDisposable
{
    /// <summary>The shortest time between two looks at the file's length.</summary>
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromMilliseconds(20);

    /// <summary>Reading on may take one part in so many of the time.</summary>
    private const int ReadingShare = 10;

    /// <summary>Bytes without a record that a fork leaves behind: the tail of the record that it cut in two.</summary>
    private const ulong TailBytes = 4096;

    private readonly FileSource _source;
    private readonly JitDumpIndex _index;
    private readonly JitDumpLines _lines;

    /// <summary>What was read of the blocks' unwind information; null where it cannot be read.</summary>
    private readonly Dictionary<int, JitUnwinding?> _unwindings = [];

    /// <summary>When the file's length may be looked at again.</summary>
    private long _nextLook;

    /// <summary>Where code was found by its place alone that was not the first there.</summary>
    private bool _hasReplacedCode;

    /// <summary>Takes over an open file and reads it.</summary>
    /// <exception cref="ParseException">It is no jitdump, or not one that is read.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public JitDump(FileSource source)
    {
        _source = source;
        long start = Stopwatch.GetTimestamp();
        _index = JitDumpIndex.Open(source);
        _lines = new JitDumpLines(_index);
        SetNextLook(start);
    }

    /// <summary>Index of the block that lay at an address at a time; negative if nothing is known.</summary>
    /// <param name="address">Virtual address.</param>
    /// <param name="time">Nanoseconds of CLOCK_MONOTONIC; null for the last block, because the time is not known.</param>
    public int Find(ulong address, ulong? time)
    {
        int found = FindInIndex(address, time);
        return found < 0 && ReadMore() ? FindInIndex(address, time) : found;
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

    /// <summary>A block's unwind information; null if there is none. Allocates nothing when it is asked for again.</summary>
    public JitUnwinding? UnwindingOf(int block)
    {
        if (_unwindings.TryGetValue(block, out var known))
        {
            return known;
        }

        if (_index.UnwindingOf(this[block]) is not { EhFrameSize: > 0 } info)
        {
            return null; // a file that is written twice may still bring some
        }

        var unwinding = Read(info, this[block]);
        _unwindings.Add(block, unwinding);
        return unwinding;
    }

    /// <summary>What of the file did not become names, one line each.</summary>
    public IEnumerable<string> Warnings()
    {
        var counts = _index.Counts;
        ulong bad = counts.BadRecords + counts.CutRecords + counts.UnknownMoves;
        if (bad != 0 || counts.GapBytes > TailBytes)
        {
            yield return $"{_source.Name}: {bad} records are damaged and {counts.GapBytes} bytes belong to none; "
                + "some of the process's jitted code has no names";
        }

        if (counts.OverLimit != 0)
        {
            yield return $"{_source.Name}: {counts.OverLimit} records are beyond the limit of what is read of one jitdump; "
                + "their code has no names";
        }

        if (_index.UnreadBytes != 0)
        {
            yield return $"{_source.Name}: ends inside a record, {_index.UnreadBytes} bytes behind the last whole one: the process "
                + "runs on or was killed; what it had not written yet has no names";
        }

        if (_hasReplacedCode)
        {
            yield return $"{_source.Name}: samples met addresses that held different code at different times, and are named by the "
                + "last; record with -k mono (--clockid) to tell which it was";
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private int FindInIndex(ulong address, ulong? time)
    {
        if (time is { } known && (_index.Header.Flags & JitDumpFlags.ArchTimestamp) == 0)
        {
            return _index.Find(address, known);
        }

        int latest = _index.FindLatest(address);
        if (latest >= 0 && !_hasReplacedCode && this[latest].From is > 0 and var from
            && _index.Find(address, from - 1) is >= 0 and var earlier)
        {
            _hasReplacedCode = !_index.NameOf(this[earlier]).SequenceEqual(_index.NameOf(this[latest]));
        }

        return latest;
    }

    /// <summary>Reads what was written since, if it is time to look; true if there was code.</summary>
    private bool ReadMore()
    {
        long now = Stopwatch.GetTimestamp();
        if (now < _nextLook)
        {
            return false;
        }

        try
        {
            return _index.ReadMore();
        }
        catch (IOException)
        {
            return false;
        }
        finally
        {
            SetNextLook(now);
        }
    }

    private void SetNextLook(long start)
    {
        long end = Stopwatch.GetTimestamp();
        long shortest = (long)(s_shortestPause.TotalSeconds * Stopwatch.Frequency);
        _nextLook = end + Math.Max(shortest, (end - start) * ReadingShare);
    }

    private JitUnwinding? Read(in JitUnwindingInfo info, in JitCodeBlock block)
    {
        try
        {
            // Code that a runtime generates at once is one function, with one entry of call frame information.
            var bytes = _source.Slice(info.Offset, (ulong)info.EhFrameSize + info.EhFrameHeaderSize, Limits.CfiEntryBytes);
            return new JitUnwinding(
                bytes[..(int)info.EhFrameSize], bytes[(int)info.EhFrameSize..], block.Start + ((block.Size + 7UL) & ~7UL));
        }
        catch (Exception e) when (e is IOException or ParseException)
        {
            return null;
        }
    }
}
