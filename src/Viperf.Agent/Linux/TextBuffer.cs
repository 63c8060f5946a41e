namespace Viperf.Agent.Linux;

/// <summary>Text and records in memory of the caller's. What does not fit is left out, and <see cref="IsCut"/> says so.</summary>
internal unsafe struct TextBuffer
{
    private readonly byte* _first;
    private readonly int _capacity;

    public TextBuffer(byte* first, int capacity)
    {
        _first = first;
        _capacity = capacity;
    }

    /// <summary>Text that is there already.</summary>
    public TextBuffer(byte* first, int capacity, int length)
        : this(first, capacity)
    {
        Length = length;
    }

    /// <summary>Text that is there already, to be read only.</summary>
    public TextBuffer(ReadOnlySpan<byte> text)
        : this(text.Pointer, text.Length, text.Length)
    {
    }

    public readonly byte* First => _first;

    public int Length { get; private set; }

    public bool IsCut { get; private set; }

    public void Clear()
    {
        Length = 0;
        IsCut = false;
    }

    public void Add(byte value)
    {
        if (Length == _capacity)
        {
            IsCut = true;
            return;
        }

        _first[Length++] = value;
    }

    public void Add(ReadOnlySpan<byte> text) => Add(text.Pointer, text.Length);

    public void Add(byte* bytes, nint count)
    {
        if (count > _capacity - Length)
        {
            count = _capacity - Length;
            IsCut = true;
        }

        byte* to = _first + Length;
        for (nint i = 0; i < count; i++)
        {
            to[i] = bytes[i];
        }

        Length += (int)count;
    }

    /// <summary>Adds text up to its zero byte.</summary>
    public void AddString(byte* text)
    {
        for (; text != null && *text != 0; text++)
        {
            Add(*text);
        }
    }

    public void AddUInt32(uint value) => Add((byte*)&value, sizeof(uint));

    public void AddUInt64(ulong value) => Add((byte*)&value, sizeof(ulong));

    public void AddDecimal(ulong value)
    {
        const int most = 20; // digits of 2^64
        byte* digits = stackalloc byte[most];
        int first = most;
        do
        {
            digits[--first] = (byte)('0' + (value % 10));
            value /= 10;
        }
        while (value != 0);

        Add(digits + first, most - first);
    }

    public void AddHexadecimal(ulong value)
    {
        const int most = 16;
        byte* digits = stackalloc byte[most];
        int first = most;
        do
        {
            digits[--first] = "0123456789abcdef"u8.Pointer[value & 0xf];
            value >>= 4;
        }
        while (value != 0);

        Add(digits + first, most - first);
    }

    /// <summary>Adds zero bytes up to a multiple of a power of two.</summary>
    public void Align(int alignment)
    {
        while ((Length & (alignment - 1)) != 0 && !IsCut)
        {
            Add(0);
        }
    }
}
