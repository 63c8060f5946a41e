using Viperf.Agent.Linux;

namespace Viperf.Agent.CPython;

/// <summary>
/// Reads Python objects that may be garbage: a pointer that leads nowhere brings null. What does not lie in each version at the
/// same place, <see cref="TaskLayout"/> knows.
/// </summary>
internal unsafe struct ObjectReader
{
    private const int Type = 8;
    private const int TypeName = 24;
    private const int TypeBase = 256;
    private const int TypeBytes = 32; // tp_basicsize
    private const int Size = 16;
    private const int WordBytes = 8;

    /// <summary>Words that take about as long as a frame of a walk, and frames that take as long as a word that the kernel reads.</summary>
    private const int WordsOfFrame = 4;
    private const int FramesOfKernel = 20;

    private readonly int _textData;
    private ReadableMemory _memory;
    private bool _isSteady;
    private int _words;
    private int _kernelWords;

    /// <param name="textData">From a text of ASCII to its characters.</param>
    public ObjectReader(int textData)
    {
        _isSteady = false;
        _textData = textData;
        _memory = default;
        _words = 0;
        _kernelWords = 0;
    }

    /// <summary>
    /// True if memory that can be read stays so. Otherwise each word is the kernel's to read, which takes a hundred times as long.
    /// </summary>
    public bool IsSteady
    {
        readonly get => _isSteady;
        set => _isSteady = value;
    }

    /// <summary>Frames of an ordinary walk that take as long as all this did.</summary>
    public readonly int Cost => (_words / WordsOfFrame) + (_kernelWords * FramesOfKernel);

    /// <summary>An aligned word; 0 where there is none.</summary>
    public ulong Word(byte* place)
    {
        if (((nuint)place & (WordBytes - 1)) != 0)
        {
            return 0;
        }

        if (_isSteady)
        {
            _words++;
            return _memory.Contains(place, WordBytes) ? *(ulong*)place : 0;
        }

        _kernelWords++;
        ulong word;
        return Syscall.TryReadMemory(place, &word, WordBytes) ? word : 0;
    }

    /// <summary>A pointer; null where there is none.</summary>
    public byte* Pointer(byte* place) => (byte*)Word(place);

    /// <summary>A number of four bytes; 0 where there is none.</summary>
    public int Number(byte* place)
    {
        ulong word = Word(place - ((nuint)place & (WordBytes - 1)));
        return (int)(word >> (int)(8 * ((nuint)place & 4)));
    }

    /// <summary>A byte; 0 where there is none.</summary>
    public byte Byte(byte* place)
    {
        ulong word = Word(place - ((nuint)place & (WordBytes - 1)));
        return (byte)(word >> (int)(8 * ((nuint)place & (WordBytes - 1))));
    }

    /// <summary>An object's type.</summary>
    public byte* TypeOf(byte* value) => value == null ? null : Pointer(value + Type);

    /// <summary>The type that a type extends.</summary>
    public byte* BaseOf(byte* type) => type == null ? null : Pointer(type + TypeBase);

    /// <summary>Bytes of a type's objects.</summary>
    public nint BytesOf(byte* type) => (nint)Word(type + TypeBytes);

    /// <summary>True if that is a type's name, with the module where C has the type.</summary>
    public bool IsNamed(byte* type, ReadOnlySpan<byte> name)
    {
        byte* text = type == null ? null : Pointer(type + TypeName);
        return text != null && AreBytes(text, name) && Byte(text + name.Length) == 0;
    }

    /// <summary>True if a text, which is ASCII, says that.</summary>
    public bool IsText(byte* text, ReadOnlySpan<byte> value) =>
        text != null && Word(text + Size) == (ulong)value.Length && AreBytes(text + _textData, value);

    /// <summary>The number of a tuple's items.</summary>
    public nint Count(byte* tuple) => (nint)Word(tuple + Size);

    private bool AreBytes(byte* place, ReadOnlySpan<byte> value)
    {
        ulong word = 0;
        for (int i = 0; i < value.Length; i++)
        {
            int inWord = (int)((nuint)(place + i) & (WordBytes - 1));
            if (i == 0 || inWord == 0)
            {
                word = Word(place + i - inWord);
            }

            if ((byte)(word >> (WordBytes * inWord)) != value.Pointer[i])
            {
                return false;
            }
        }

        return true;
    }
}
