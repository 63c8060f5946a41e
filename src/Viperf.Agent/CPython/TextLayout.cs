using Viperf.Abi;
using Viperf.Agent.Linux;

namespace Viperf.Agent.CPython;

/// <summary>
/// Where this interpreter's texts (<c>str</c>) keep their characters, found in texts made for it (unicodeobject.h), and how to
/// read them where nothing may be called.
/// </summary>
internal unsafe struct TextLayout
{
    private const int Length = 16;
    private const int State = 32;
    private const int SearchedBytes = 80;

    /// <summary>Bits of the state from the kind on: kind 1 (a byte a character), compact, ASCII.</summary>
    private const uint CompactAscii = 0b1_1_001;
    private const uint CompactLatin = 0b0_1_001;
    private const uint KindMask = 7;
    private const uint CompactMask = 8;
    private const uint AsciiMask = 16;
    private const uint FiveBits = 0x1f;

    /// <summary>No text is longer that is written down.</summary>
    private const nint MostCharacters = 4096;

    private int _asciiData;
    private int _otherData;
    private int _kindShift;

    /// <summary>From a text of ASCII to its characters.</summary>
    public readonly int AsciiData => _asciiData;

    /// <summary>Looks; the interpreter's lock must be held.</summary>
    public static bool TryFind(out TextLayout layout)
    {
        layout = default;
        byte* ascii = (byte*)PythonApi.NewText("viperf-text"u8.Pointer, 11);
        byte* latin = (byte*)PythonApi.NewText("viperf-t\u00e9xt"u8.Pointer, 12);
        bool isFound = ascii != null && latin != null
            && TryFindShift(*(uint*)(ascii + State), *(uint*)(latin + State), out layout._kindShift)
            && TryFindData(ascii, out layout._asciiData) && TryFindData(latin, out layout._otherData);
        if (ascii == null || latin == null)
        {
            PythonApi.ForgetError();
        }

        ReleaseIfAny(ascii);
        ReleaseIfAny(latin);
        return isFound;
    }

    /// <summary>Tells the recorder.</summary>
    public readonly void Describe(ref CaptureLayout to)
    {
        to.AsciiData = _asciiData;
        to.OtherData = _otherData;
        to.KindShift = _kindShift;
    }

    /// <summary>Writes a text's UTF-8, with ? for control characters and what no UTF-8 has.</summary>
    /// <param name="text">The object.</param>
    /// <param name="memory">What can be read.</param>
    /// <param name="to">Where to; null to count only.</param>
    /// <returns>Bytes; -1 if it is no text that can be read.</returns>
    public readonly int Write(byte* text, ref ReadableMemory memory, byte* to)
    {
        if (!memory.Contains(text, _otherData))
        {
            return -1;
        }

        uint state = *(uint*)(text + State) >> _kindShift;
        nint length = *(nint*)(text + Length);
        uint kind = state & KindMask;
        if ((state & CompactMask) == 0 || kind is not (1 or 2 or 4) || length < 0)
        {
            return -1;
        }

        length = length < MostCharacters ? length : MostCharacters;
        byte* data = text + ((state & AsciiMask) != 0 ? _asciiData : _otherData);
        int bytes = 0;
        for (nint i = 0; i < length; i++)
        {
            byte* at = data + (i * kind);
            if (((nuint)at & 0xfff) < kind && !memory.Contains(at, (int)kind)) // once a page
            {
                return -1;
            }

            bytes += Encode(kind == 1 ? *at : kind == 2 ? *(ushort*)at : *(uint*)at, to == null ? null : to + bytes);
        }

        return bytes;
    }

    private static int Encode(uint character, byte* to)
    {
        if (character is < ' ' or (>= 0xd800 and < 0xe000) or > 0x10ffff)
        {
            // A file name's byte that is no text, as the surrogateescape error handler has it, is that byte again.
            character = character is >= 0xdc80 and <= 0xdcff ? character - 0xdc00 : (byte)'?';
            Put(to, 0, (byte)character);
            return 1;
        }

        if (character < 0x80)
        {
            Put(to, 0, (byte)character);
            return 1;
        }

        int count = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
        for (int i = count - 1; i > 0; i--)
        {
            Put(to, i, (byte)(0x80 | (character & 0x3f)));
            character >>= 6;
        }

        Put(to, 0, (byte)((0xf00 >> count) | (byte)character));
        return count;
    }

    private static void Put(byte* to, int at, byte value)
    {
        if (to != null)
        {
            to[at] = value;
        }
    }

    /// <summary>The kind's place among the state's bits changed in 3.14.</summary>
    private static bool TryFindShift(uint ascii, uint latin, out int shift)
    {
        for (shift = 2; shift <= 24; shift++)
        {
            if (((ascii >> shift) & FiveBits) == CompactAscii && ((latin >> shift) & FiveBits) == CompactLatin)
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryFindData(byte* text, out int offset)
    {
        for (offset = State + sizeof(uint); offset < SearchedBytes; offset += sizeof(uint))
        {
            if (*(ulong*)(text + offset) == *(ulong*)"viperf-t"u8.Pointer)
            {
                return true;
            }
        }

        return false;
    }

    private static void ReleaseIfAny(void* text)
    {
        if (text != null)
        {
            PythonApi.Release(text);
        }
    }
}
