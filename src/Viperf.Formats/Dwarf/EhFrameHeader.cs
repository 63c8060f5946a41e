using System.Buffers.Binary;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>
/// The section <c>.eh_frame_hdr</c> (Linux Standard Base 5.0, Core, §10.6.2), which a program's PT_GNU_EH_FRAME segment is:
/// where <c>.eh_frame</c> lies, and a table of its functions by ascending address. Entries are read when a search
/// meets them; nothing is copied.
/// </summary>
public sealed class EhFrameHeader
{
    private const byte Version1 = 1;

    /// <summary>
    /// DW_EH_PE_datarel | DW_EH_PE_sdata4, which all linkers write: searched without a look at the encoding at every
    /// step, since most of a lookup's time goes there.
    /// </summary>
    private const byte LinkersEncoding = 0x3b;

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly string _source;
    private readonly PointerBases _bases;
    private readonly byte _tableEncoding;

    /// <summary>Offset of the first entry.</summary>
    private readonly int _table;

    /// <summary>Bytes of half an entry: of the function's address, and of its description's.</summary>
    private readonly int _pointerSize;

    private EhFrameHeader(ReadOnlyMemory<byte> bytes, ulong address, bool is64Bit, string source)
    {
        _bytes = bytes;
        _source = source;
        _bases = new PointerBases(address, Text: 0, Data: address, is64Bit);
        var reader = new ByteReader(bytes.Span, source);
        byte version = reader.ReadByte();
        if (version != Version1)
        {
            reader.Fail($".eh_frame_hdr of version {version}, which viperf does not read");
        }

        byte frameEncoding = reader.ReadByte();
        byte countEncoding = reader.ReadByte();
        _tableEncoding = reader.ReadByte();
        EhFrameAddress = EncodedPointer.Read(ref reader, frameEncoding, _bases);
        _pointerSize = EncodedPointer.SizeOf(_tableEncoding, is64Bit);
        if (countEncoding == EncodedPointer.Omitted || _tableEncoding == EncodedPointer.Omitted || _pointerSize == 0)
        {
            return;
        }

        ulong count = EncodedPointer.Read(ref reader, countEncoding, _bases);
        _table = reader.Position;
        if (count <= (ulong)(reader.Remaining / (2 * _pointerSize)))
        {
            Count = IsAscending((int)count) ? (int)count : 0;
        }
    }

    /// <summary>Virtual address of <c>.eh_frame</c>.</summary>
    public ulong EhFrameAddress { get; }

    /// <summary>Entries of the table; 0 where there is none that can be searched.</summary>
    public int Count { get; }

    /// <summary>Reads the header.</summary>
    /// <param name="bytes">The section.</param>
    /// <param name="address">Virtual address of its first byte.</param>
    /// <param name="is64Bit">Whether the file's addresses have 8 bytes.</param>
    /// <param name="source">What messages call the section.</param>
    /// <exception cref="ParseException">It does not say where <c>.eh_frame</c> is.</exception>
    public static EhFrameHeader Read(ReadOnlyMemory<byte> bytes, ulong address, bool is64Bit, string source) =>
        new(bytes, address, is64Bit, source);

    /// <summary>Finds the last function that begins at or before an address.</summary>
    /// <param name="address">A virtual address of the file.</param>
    /// <param name="description">Virtual address of the function's description in <c>.eh_frame</c>.</param>
    public bool TryFind(ulong address, out ulong description)
    {
        var bytes = _bytes.Span;
        int low = 0;
        int high = Count;
        while (low < high)
        {
            int middle = low + ((high - low) >> 1);
            if (PointerAt(bytes, 2 * middle) <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        description = low == 0 ? 0 : PointerAt(bytes, (2 * low) - 1);
        return low != 0;
    }

    /// <summary>Even indexes are the functions' addresses, each followed by its description's.</summary>
    private ulong PointerAt(ReadOnlySpan<byte> bytes, int index)
    {
        int at = _table + (index * _pointerSize);
        if (_tableEncoding == LinkersEncoding && _bases.Is64Bit)
        {
            return _bases.Data + (ulong)BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);
        }

        var reader = new ByteReader(bytes.Slice(at, _pointerSize), _source, (ulong)at);
        return EncodedPointer.Read(ref reader, _tableEncoding, _bases);
    }

    /// <summary>A table out of order would lose functions without a word.</summary>
    private bool IsAscending(int count)
    {
        if (EncodedPointer.IsIndirect(_tableEncoding))
        {
            return false;
        }

        var bytes = _bytes.Span;
        ulong before = 0;
        for (int i = 0; i < count; i++)
        {
            ulong address = PointerAt(bytes, 2 * i);
            if (address < before)
            {
                return false;
            }

            before = address;
        }

        return true;
    }
}
