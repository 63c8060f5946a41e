using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.Jit;

/// <summary>
/// The code that a process generated, by place and time, from its jitdump file (perf's jitdump-specification.txt): as
/// CPython, V8, .NET and perf's agent for Java write it. Names are in memory; code, lines and unwind information stay in
/// the file. A file that is still written is read as far as it goes, and on with <see cref="ReadMore"/>.
/// </summary>
/// <remarks>
/// Where blocks overlap, the one that was loaded last counts. Look-ups allocate nothing, except the first after blocks
/// were added, which maps them; instances are for one thread.
/// </remarks>
public sealed class JitDumpIndex
{
    private readonly ByteSource _source;
    private readonly JitDumpWalk _walk;
    private readonly List<JitCodeBlock> _blocks = [];
    private readonly List<JitUnwindingInfo> _unwindings = [];
    private readonly List<JitDebugInfo> _debugInfos = [];
    private readonly ByteWriter _names = new();

    /// <summary>The block of each code that was loaded or moved, by its number and the time: two with the same are one.</summary>
    private readonly Dictionary<(ulong Index, ulong Time), int> _known = [];

    /// <summary>The block where each code lies now, by its number.</summary>
    private readonly Dictionary<ulong, int> _places = [];

    /// <summary>Lines whose code has not come yet, by its address: threads that compile may write between each other.</summary>
    private readonly Dictionary<ulong, JitDebugInfo> _waitingLines = [];

    /// <summary>Unwind information whose code has not come yet; the next code is its own.</summary>
    private JitUnwindingInfo? _waitingUnwinding;

    /// <summary>
    /// Where blocks lie: each map has blocks that follow those of the one before, and at least twice as many as the one after.
    /// So few have to be asked, and a file that grows by single blocks costs each block a logarithm, not each growth all
    /// blocks.
    /// </summary>
    private readonly List<JitCodeMap> _maps = [];

    /// <summary>Blocks that are in one of the maps.</summary>
    private int _mapped;

    private JitDumpIndex(ByteSource source)
    {
        _source = source;
        Header = JitDumpHeader.Read(source, out ulong start);
        _walk = new JitDumpWalk(source, start, Header.ProcessId, Counts);
    }

    /// <summary>What the file says of itself.</summary>
    public JitDumpHeader Header { get; }

    /// <summary>What the file held, and what of it was not taken.</summary>
    public JitDumpCounts Counts { get; } = new();

    /// <summary>All code in the file's order; valid until <see cref="ReadMore"/>.</summary>
    public ReadOnlySpan<JitCodeBlock> Blocks => CollectionsMarshal.AsSpan(_blocks);

    /// <summary>Bytes at the file's end that no whole record was made of: one that is being written, or was cut short.</summary>
    public ulong UnreadBytes => _walk.UnreadBytes;

    /// <summary>Reads a jitdump to its end.</summary>
    /// <param name="source">The file; it must stay readable as long as the index is used.</param>
    /// <exception cref="ParseException">The header is no jitdump's, or is one of a big-endian machine.</exception>
    public static JitDumpIndex Open(ByteSource source)
    {
        var index = new JitDumpIndex(source);
        index.ReadMore();
        return index;
    }

    /// <summary>Reads what was written since; true if code was added.</summary>
    public bool ReadMore()
    {
        int before = _blocks.Count;
        if (_walk.Grow())
        {
            try
            {
                while (_walk.TryNext(out var record))
                {
                    Add(record);
                }
            }
            finally
            {
                _walk.Rest();
            }
        }

        return _blocks.Count > before;
    }

    /// <summary>Index in <see cref="Blocks"/> of the code that lay at an address at a time of the file's clock; negative if
    /// none did.</summary>
    public int Find(ulong address, ulong time) => Find(address, time, out _);

    /// <summary>As <see cref="Find(ulong, ulong)"/>, with the first time at which the answer may be another, as long as
    /// nothing is added.</summary>
    public int Find(ulong address, ulong time, out ulong until)
    {
        int found = FindUpTo(address, time, out until);
        if (found >= 0 && _blocks[found].Until < until)
        {
            ulong end = _blocks[found].Until;
            until = time < end ? end : until;
            found = time < end ? found : -1;
        }

        return found;
    }

    /// <summary>Index in <see cref="Blocks"/> of the code that came last to an address, also if it was moved away since;
    /// negative if none came.</summary>
    public int FindLatest(ulong address) => FindUpTo(address, ulong.MaxValue, out _);

    /// <summary>Finds the code that lay at an address at a time of the file's clock.</summary>
    public bool TryFind(ulong address, ulong time, out JitCodeBlock block) => TryGet(Find(address, time), out block);

    /// <summary>Finds the code that came last to an address, also if it was moved away since.</summary>
    public bool TryFindLatest(ulong address, out JitCodeBlock block) => TryGet(FindLatest(address), out block);

    /// <summary>A block's name as the runtime wrote it, in UTF-8 as a rule; valid until <see cref="ReadMore"/>.</summary>
    public ReadOnlySpan<byte> NameOf(in JitCodeBlock block) => _names.Written.Slice(block.NameOffset, block.NameLength);

    /// <summary>Where a block's unwind information lies in the file; null if there is none.</summary>
    public JitUnwindingInfo? UnwindingOf(in JitCodeBlock block) =>
        block.Unwinding < 0 ? null : _unwindings[block.Unwinding];

    /// <summary>Reads a block's line table, in the file's order; empty if it has none.</summary>
    /// <exception cref="ParseException">The file has become shorter.</exception>
    public JitLine[] ReadLines(in JitCodeBlock block)
    {
        if (block.Lines < 0)
        {
            return [];
        }

        var info = _debugInfos[block.Lines];
        var entries = _source.Slice(info.Offset, info.ByteCount, Limits.JitRecordBytes);
        return JitLineReader.Read(entries.Span, info, block.Size);
    }

    /// <summary>The block that was loaded last over an address up to a time, and when the next one is.</summary>
    private int FindUpTo(ulong address, ulong time, out ulong next)
    {
        if (_mapped != _blocks.Count)
        {
            MapNewBlocks();
        }

        int best = -1;
        next = ulong.MaxValue;
        foreach (var map in _maps)
        {
            int found = map.Find(address, time, out ulong theirNext);
            next = Math.Min(next, theirNext);
            if (found >= 0 && (best < 0 || _blocks[found].From >= _blocks[best].From))
            {
                best = found;
            }
        }

        return best;
    }

    private void MapNewBlocks()
    {
        int first = _mapped;
        while (_maps.Count > 0 && _maps[^1].Count < 2 * (_blocks.Count - first))
        {
            first = _maps[^1].First;
            _maps.RemoveAt(_maps.Count - 1);
        }

        _maps.Add(new JitCodeMap(Blocks[first..], first));
        _mapped = _blocks.Count;
    }

    private bool TryGet(int found, out JitCodeBlock block)
    {
        block = found < 0 ? default : _blocks[found];
        return found >= 0;
    }

    private void Add(in JitRecordView record)
    {
        if (record.FollowsLoss)
        {
            DropWaiting(); // their code was lost, or they are another's
        }

        if (record.IsCut && !record.IsUnfinished)
        {
            Counts.CutRecords++;
        }

        if (record.Prefix.Id == JitRecordType.JIT_CODE_LOAD)
        {
            AddLoad(record);
        }
        else if (!record.IsCut)
        {
            AddWhole(record);
        }
    }

    private void AddWhole(in JitRecordView record)
    {
        switch (record.Prefix.Id)
        {
            case JitRecordType.JIT_CODE_MOVE when record.Bytes.Length >= JitRecordLayout.MoveByteCount:
                AddMove(record);
                break;

            case JitRecordType.JIT_CODE_DEBUG_INFO when record.Bytes.Length >= JitRecordLayout.DebugEntries:
                AddDebugInfo(record);
                break;

            case JitRecordType.JIT_CODE_UNWINDING_INFO when record.Bytes.Length >= JitRecordLayout.UnwindingData:
                AddUnwinding(record);
                break;

            case JitRecordType.JIT_CODE_CLOSE:
                Counts.Closes++;
                break;

            case > JitRecordType.JIT_CODE_UNWINDING_INFO:
                Counts.UnknownRecords++;
                break;

            default:
                Counts.BadRecords++; // the file has become shorter
                break;
        }
    }

    /// <summary>Takes code; of code that is not whole, all but its bytes.</summary>
    private void AddLoad(in JitRecordView record)
    {
        var bytes = record.Bytes;
        uint size = record.Prefix.Size;
        ulong codeSize = bytes.Length < JitRecordLayout.LoadName ? 0 : UInt64(bytes, JitRecordLayout.LoadCodeSize);
        bool hasCode = codeSize < size - JitRecordLayout.LoadName;
        int nameLength = codeSize == 0 ? -1 : bytes[JitRecordLayout.LoadName..].IndexOf((byte)0);
        ulong nameEnd = JitRecordLayout.LoadName + (ulong)nameLength + 1;
        if (nameLength < 0 || (hasCode && nameEnd > size - codeSize))
        {
            AddNothing(record, nameLength < 0 && bytes.Length - JitRecordLayout.LoadName > Limits.NameBytes);
            return;
        }

        var block = new JitCodeBlock
        {
            Start = UInt64(bytes, JitRecordLayout.LoadAddress),
            Size = (uint)codeSize,
            From = record.Prefix.Time,
            Until = ulong.MaxValue,
            Index = UInt64(bytes, JitRecordLayout.LoadIndex),
            CodeOffset = hasCode && !record.IsCut ? record.Offset + size - codeSize : 0,
            ThreadId = UInt32(bytes, JitRecordLayout.LoadTid),
            NameOffset = _names.Length,
            NameLength = nameLength,
            Unwinding = ClaimUnwinding(),
            Lines = ClaimLines(UInt64(bytes, JitRecordLayout.LoadAddress)),
        };
        if (UInt32(bytes, JitRecordLayout.LoadPid) != Header.ProcessId)
        {
            Counts.OtherProcesses++;
        }
        else if (block.Start > ulong.MaxValue - block.Size)
        {
            Counts.BadRecords++;
        }
        else if (_known.TryGetValue((block.Index, block.From), out int known)
            && (_blocks[known].Start, _blocks[known].Size) == (block.Start, block.Size))
        {
            Complete(known, block);
        }
        else if (_blocks.Count == Limits.JitCodeBlocks || nameLength > Limits.JitNamesBytes - _names.Length)
        {
            Counts.OverLimit++;
        }
        else
        {
            Counts.Loads++;
            _names.WriteBytes(bytes.Slice(JitRecordLayout.LoadName, nameLength));
            AddBlock(block);
        }
    }

    /// <summary>Counts code that cannot be taken, unless the rest of its record may still come.</summary>
    private void AddNothing(in JitRecordView record, bool isOverLimit)
    {
        if (isOverLimit)
        {
            Counts.OverLimit++;
        }
        else if (!record.IsCut)
        {
            Counts.BadRecords++;
        }

        if (!record.IsUnfinished)
        {
            DropWaiting();
        }
    }

    /// <summary>Adds to a block what its record did not have when it was met first.</summary>
    private void Complete(int known, in JitCodeBlock again)
    {
        var block = _blocks[known];
        bool isNew = (block.CodeOffset == 0 && again.CodeOffset != 0)
            || (block.Unwinding < 0 && again.Unwinding >= 0)
            || (block.Lines < 0 && again.Lines >= 0);
        if (!isNew)
        {
            Counts.Duplicates++;
            return;
        }

        _blocks[known] = block with
        {
            CodeOffset = block.CodeOffset != 0 ? block.CodeOffset : again.CodeOffset,
            Unwinding = block.Unwinding >= 0 ? block.Unwinding : again.Unwinding,
            Lines = block.Lines >= 0 ? block.Lines : again.Lines,
        };
    }

    private void AddMove(in JitRecordView record)
    {
        var bytes = record.Bytes;
        ulong index = UInt64(bytes, JitRecordLayout.MoveIndex);
        ulong time = record.Prefix.Time;
        ulong start = UInt64(bytes, JitRecordLayout.MoveNewAddress);
        if (UInt32(bytes, JitRecordLayout.MovePid) != Header.ProcessId)
        {
            Counts.OtherProcesses++;
        }
        else if (_known.TryGetValue((index, time), out int known) && _blocks[known].Start == start)
        {
            Counts.Duplicates++;
        }
        else if (!_places.TryGetValue(index, out int place)
            || _blocks[place].Start != UInt64(bytes, JitRecordLayout.MoveOldAddress))
        {
            Counts.UnknownMoves++;
        }
        else if (start > ulong.MaxValue - _blocks[place].Size)
        {
            Counts.BadRecords++;
        }
        else if (_blocks.Count == Limits.JitCodeBlocks)
        {
            Counts.OverLimit++;
        }
        else
        {
            Counts.Moves++;
            var block = _blocks[place];
            _blocks[place] = block with { Until = time };
            AddBlock(block with { Start = start, From = time, ThreadId = UInt32(bytes, JitRecordLayout.MoveTid) });
        }
    }

    private void AddBlock(in JitCodeBlock block)
    {
        _known[(block.Index, block.From)] = _blocks.Count;
        _places[block.Index] = _blocks.Count;
        _blocks.Add(block);
    }

    private void AddDebugInfo(in JitRecordView record)
    {
        var bytes = record.Bytes;
        if (_waitingLines.Count == Limits.JitWaitingDebugInfos)
        {
            Counts.Unclaimed += (ulong)_waitingLines.Count;
            _waitingLines.Clear();
        }

        ulong address = UInt64(bytes, JitRecordLayout.DebugAddress);
        Counts.DebugInfos++;
        Counts.Unclaimed += _waitingLines.ContainsKey(address) ? 1UL : 0;
        _waitingLines[address] = new JitDebugInfo(
            address,
            record.Offset + JitRecordLayout.DebugEntries,
            record.Prefix.Size - JitRecordLayout.DebugEntries,
            (uint)UInt64(bytes, JitRecordLayout.DebugCount));
    }

    private void AddUnwinding(in JitRecordView record)
    {
        var bytes = record.Bytes;
        uint size = (uint)UInt64(bytes, JitRecordLayout.UnwindingSize);
        uint headerSize = (uint)UInt64(bytes, JitRecordLayout.UnwindingHeaderSize);
        Counts.UnwindingInfos++;
        Counts.Unclaimed += _waitingUnwinding is null ? 0UL : 1;
        _waitingUnwinding = new JitUnwindingInfo(
            record.Offset + JitRecordLayout.UnwindingData,
            size - headerSize,
            headerSize,
            UInt64(bytes, JitRecordLayout.UnwindingMappedSize));
    }

    private int ClaimUnwinding()
    {
        if (_waitingUnwinding is not { } info)
        {
            return -1;
        }

        _waitingUnwinding = null;
        _unwindings.Add(info);
        return _unwindings.Count - 1;
    }

    private int ClaimLines(ulong address)
    {
        if (!_waitingLines.Remove(address, out var info))
        {
            return -1;
        }

        _debugInfos.Add(info);
        return _debugInfos.Count - 1;
    }

    private void DropWaiting()
    {
        Counts.Unclaimed += (ulong)_waitingLines.Count + (_waitingUnwinding is null ? 0UL : 1);
        _waitingLines.Clear();
        _waitingUnwinding = null;
    }

    private static uint UInt32(ReadOnlySpan<byte> record, int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(record[offset..]);

    private static ulong UInt64(ReadOnlySpan<byte> record, int offset) =>
        BinaryPrimitives.ReadUInt64LittleEndian(record[offset..]);
}
