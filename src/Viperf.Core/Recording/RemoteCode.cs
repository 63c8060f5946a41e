using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Viperf.Abi;
using Viperf.Formats.Bytes;

namespace Viperf.Core.Recording;

/// <summary>
/// The code objects of a process that the recorder has met in frames of threads that stand still: it reads itself what they are,
/// and writes the records that an agent would have.
/// </summary>
/// <remarks>
/// Nobody tells when code dies. Another object at the same address is told by what it says of itself; two that are equal in
/// that are the same code.
/// </remarks>
/// <param name="layout">Where things lie; its offsets have been checked.</param>
/// <param name="memory">The process's memory.</param>
internal sealed class RemoteCode(CaptureLayout layout, RemoteMemory memory)
{
    // As in the agent's CodeWriter and TextLayout.
    private const int SizeOfVariable = 16;
    private const int DataOfBytes = 32;
    private const int InstructionBytes = 2;
    private const int MostLineBytes = 256 * 1024;
    private const int MostCodeBytes = 64 * 1024 * 1024;
    private const int LengthOfText = 16;
    private const int StateOfText = 32;
    private const int MostCharacters = 4096;

    private readonly Dictionary<ulong, (Identity Identity, uint Number)> _known = [];
    private readonly ByteWriter _record = new();
    private readonly List<byte[]> _news = [];
    private uint _last;

    /// <summary>Takes the records of code that was met since they were taken last.</summary>
    public byte[][] TakeNews()
    {
        byte[][] news = _news.Count == 0 ? [] : [.. _news];
        _news.Clear();
        return news;
    }

    /// <summary>The number of a code object, which is none of the agent's numbers.</summary>
    /// <param name="address">Where it lies.</param>
    /// <param name="number">Its number.</param>
    /// <returns>False if there is no code object.</returns>
    public bool TryGetNumber(ulong address, out uint number)
    {
        number = 0;
        if ((address & 7) != 0)
        {
            return false;
        }

        Span<byte> head = stackalloc byte[layout.CodeBytes];
        if (!memory.TryRead(address, head) || Word(head, sizeof(ulong)) != layout.CodeType)
        {
            return false;
        }

        var identity = new Identity(
            Word(head, layout.CodeName), Word(head, layout.CodeFile), Word(head, layout.CodeLines), Word(head, SizeOfVariable),
            layout.HasCodeObject != 0 ? Word(head, layout.CodeInstructions) : 0,
            BinaryPrimitives.ReadInt32LittleEndian(head[layout.CodeFirstLine..]));
        if (_known.TryGetValue(address, out var known) && known.Identity == identity)
        {
            number = known.Number;
            return true;
        }

        if (!TryDescribe(identity))
        {
            return false;
        }

        number = _last;
        _known[address] = (identity, number);
        return true;
    }

    private static ulong Word(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);

    private bool TryDescribe(in Identity identity)
    {
        ulong codeBytes = identity.Size * InstructionBytes;
        if ((layout.HasCodeObject != 0 && !memory.TryReadWord(identity.Instructions + SizeOfVariable, out codeBytes))
            || codeBytes > MostCodeBytes
            || !memory.TryReadWord(identity.Lines + SizeOfVariable, out ulong lineBytes)
            || !TryReadText(identity.Name, out byte[] name) || !TryReadText(identity.File, out byte[] file))
        {
            return false;
        }

        byte[] lines = lineBytes > MostLineBytes ? [] : new byte[lineBytes];
        if (!memory.TryRead(identity.Lines + DataOfBytes, lines))
        {
            return false;
        }

        var code = new CaptureCode
        {
            Head = new CaptureRecord { Kind = CaptureRecord.Code },
            Number = ++_last,
            CodeBytes = (uint)codeBytes,
            FirstLine = identity.FirstLine,
            NameBytes = (uint)name.Length,
            FileBytes = (uint)file.Length,
            LineBytes = (uint)lines.Length,
        };
        _record.Clear();
        _record.WriteBytes(MemoryMarshal.AsBytes(new ReadOnlySpan<CaptureCode>(in code)));
        _record.WriteBytes(name);
        _record.WriteBytes(file);
        _record.WriteBytes(lines);
        _news.Add(_record.Written.ToArray());
        return true;
    }

    /// <summary>Reads a text as the agent writes it: UTF-8, with ? for control characters.</summary>
    private bool TryReadText(ulong address, out byte[] text)
    {
        const uint KindMask = 7, CompactMask = 8, AsciiMask = 16;
        text = [];
        Span<byte> head = stackalloc byte[StateOfText + sizeof(uint)];
        if (!memory.TryRead(address, head))
        {
            return false;
        }

        uint state = BinaryPrimitives.ReadUInt32LittleEndian(head[StateOfText..]) >> layout.KindShift;
        int kind = (int)(state & KindMask);
        if ((state & CompactMask) == 0 || kind is not (1 or 2 or 4))
        {
            return false;
        }

        int length = (int)Math.Min(Word(head, LengthOfText), MostCharacters);
        byte[] bytes = new byte[length * kind];
        if (!memory.TryRead(address + (ulong)((state & AsciiMask) != 0 ? layout.AsciiData : layout.OtherData), bytes))
        {
            return false;
        }

        var writer = new ByteWriter();
        Span<byte> utf8 = stackalloc byte[4];
        for (int i = 0; i < length; i++)
        {
            uint character = kind switch
            {
                1 => bytes[i],
                2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(i * kind)),
                _ => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(i * kind)),
            };
            if (character is >= 0xdc80 and <= 0xdcff)
            {
                writer.WriteBytes([(byte)(character - 0xdc00)]); // a byte that is no text, as surrogateescape has it
                continue;
            }

            bool isText = character >= ' ' && Rune.IsValid(character);
            writer.WriteBytes(utf8[..(isText ? new Rune(character) : new Rune('?')).EncodeToUtf8(utf8)]);
        }

        text = writer.Written.ToArray();
        return true;
    }

    /// <summary>What a code object says of itself.</summary>
    private readonly record struct Identity(ulong Name, ulong File, ulong Lines, ulong Size, ulong Instructions, int FirstLine);
}
