using Viperf.Formats.Bytes;

namespace Viperf.Formats.Elf;

/// <summary>A section header to be written, in the order of ELF's fields.</summary>
internal readonly record struct ElfSectionHeader
{
    /// <summary>Offset in the names of sections; set by the table.</summary>
    public uint Name { get; init; }

    public required ElfSectionType Type { get; init; }

    public ElfSectionFlags Flags { get; init; }

    public ulong Address { get; init; }

    public ulong Offset { get; init; }

    public ulong Size { get; init; }

    public uint Link { get; init; }

    public uint Info { get; init; }

    /// <summary>A power of two.</summary>
    public ulong Alignment { get; init; }

    public ulong EntrySize { get; init; }
}

/// <summary>The section headers of a file that is written, and the names that they need.</summary>
internal sealed class ElfSectionTable
{
    private readonly List<ElfSectionHeader> _headers = [];
    private readonly ByteWriter _names = new();

    /// <summary>Starts with the empty section that every table has.</summary>
    public ElfSectionTable() => Clear();

    /// <summary>Sections, the empty one included.</summary>
    public int Count => _headers.Count;

    /// <summary>The names of all sections that were added, for <c>.shstrtab</c>.</summary>
    public ReadOnlySpan<byte> Names => _names.Written;

    /// <summary>A section that was added; its name stays.</summary>
    public ElfSectionHeader this[int index]
    {
        get => _headers[index];
        set => _headers[index] = value with { Name = _headers[index].Name };
    }

    /// <summary>Starts anew.</summary>
    public void Clear()
    {
        _headers.Clear();
        _headers.Add(new() { Type = ElfSectionType.SHT_NULL });
        _names.Clear();
        _names.WriteByte(0);
    }

    /// <summary>Adds a section, and returns its number.</summary>
    public int Add(ReadOnlySpan<byte> name, in ElfSectionHeader header)
    {
        _headers.Add(header with { Name = (uint)_names.Length });
        _names.WriteBytes(name);
        _names.WriteByte(0);
        return _headers.Count - 1;
    }

    /// <summary>Writes the headers.</summary>
    public void WriteTo(ByteWriter writer)
    {
        foreach (var header in _headers)
        {
            writer.WriteUInt32(header.Name);
            writer.WriteUInt32((uint)header.Type);
            writer.WriteUInt64((ulong)header.Flags);
            writer.WriteUInt64(header.Address);
            writer.WriteUInt64(header.Offset);
            writer.WriteUInt64(header.Size);
            writer.WriteUInt32(header.Link);
            writer.WriteUInt32(header.Info);
            writer.WriteUInt64(header.Alignment);
            writer.WriteUInt64(header.EntrySize);
        }
    }
}
