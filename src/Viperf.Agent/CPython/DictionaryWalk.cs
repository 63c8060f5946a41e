namespace Viperf.Agent.CPython;

/// <summary>Goes over what a dictionary has, or had, in the order in which it was put in (dictobject.c).</summary>
internal unsafe struct DictionaryWalk
{
    private const int Keys = 32;
    private const int Values = 40;

    /// <summary>From the keys on, before 3.11: two to the power of the index's bits, the number of entries, the index.</summary>
    private const int OldSize = 8;
    private const int OldCount = 32;
    private const int OldIndex = 40;

    /// <summary>The same later; the logarithm of the index's bytes, and whether there are hashes.</summary>
    private const int IndexBits = 9;
    private const int Kind = 10;
    private const int Count = 24;
    private const int Index = 32;

    private const int WordBytes = 8;
    private const byte WithHashes = 0;
    private const int MostIndexBits = 40;

    private byte* _entry;
    private int _entryWords;
    private nint _left;

    /// <param name="dictionary">What has no values of its own, as dictionaries of objects may.</param>
    /// <param name="isOld">True before 3.11.</param>
    /// <param name="most">Entries that are looked at, from the first on.</param>
    /// <param name="reader">Reads them.</param>
    public DictionaryWalk(byte* dictionary, bool isOld, nint most, ref ObjectReader reader)
    {
        _entry = null;
        _entryWords = 3;
        _left = 0;
        byte* keys = reader.TypeOf(dictionary) == PythonApi.DictionaryType && reader.Word(dictionary + Values) == 0
            ? reader.Pointer(dictionary + Keys)
            : null;
        if (keys == null)
        {
            return;
        }

        Entries = (nint)reader.Word(keys + (isOld ? OldCount : Count));
        if (isOld)
        {
            ulong size = reader.Word(keys + OldSize);
            int bytes = size <= 0xff ? 1 : size <= 0xffff ? 2 : size <= 0xffff_ffff ? 4 : 8;
            _entry = keys + OldIndex + (size * (ulong)bytes);
        }
        else
        {
            byte bits = reader.Byte(keys + IndexBits);
            _entry = keys + Index + (1L << (bits < MostIndexBits ? bits : 0));
            _entryWords = reader.Byte(keys + Kind) == WithHashes ? 3 : 2;
        }

        _left = Entries < most ? Entries : most;
    }

    /// <summary>Entries, those that were taken out included.</summary>
    public nint Entries { get; }

    /// <summary>The next entry; the key's place is given, not the key, which not everybody needs.</summary>
    /// <returns>False where there is none.</returns>
    public bool TryNext(out byte* key, out byte* value, ref ObjectReader reader)
    {
        for (; _left > 0; _left--)
        {
            byte* words = _entry + ((_entryWords - 2) * WordBytes);
            _entry += _entryWords * WordBytes;
            value = reader.Pointer(words + WordBytes);
            if (value != null)
            {
                key = words;
                _left--;
                return true;
            }
        }

        key = null;
        value = null;
        return false;
    }
}
