using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>Reads the base names of a unit's files from the tables in its header (DWARF 5 §6.2.4, DWARF 4 §6.2.4).</summary>
internal static class LineFiles
{
    private const ulong PathContent = 1; // DW_LNCT_path

    private enum Form : ushort
    {
        Block2 = 0x03,
        Block4 = 0x04,
        Data2 = 0x05,
        Data4 = 0x06,
        Data8 = 0x07,
        String = 0x08,
        Block = 0x09,
        Block1 = 0x0a,
        Data1 = 0x0b,
        StringOffset = 0x0e, // DW_FORM_strp
        UnsignedData = 0x0f,
        SectionOffset = 0x17,
        StringIndex = 0x1a, // DW_FORM_strx
        SupplementaryString = 0x1d, // DW_FORM_strp_sup
        Data16 = 0x1e,
        LineString = 0x1f, // DW_FORM_line_strp
        StringIndex1 = 0x25,
        StringIndex2 = 0x26,
        StringIndex3 = 0x27,
        StringIndex4 = 0x28,
    }

    /// <summary>No entry has this number: for tables that are only stepped over.</summary>
    private const ulong None = ulong.MaxValue;

    /// <summary>
    /// The base name of one file; empty where the table has none that can be read. Only the name that is asked for is
    /// made a text: a small table can point to one long text a million times.
    /// </summary>
    /// <param name="sections">The file's sections.</param>
    /// <param name="header">The unit's header.</param>
    /// <param name="number">As programs set it.</param>
    /// <param name="defined">Files that the program adds behind the table's; null for none.</param>
    /// <exception cref="ParseException">The tables are not consistent.</exception>
    public static string Find(LineSections sections, in LineHeader header, uint number, List<string>? defined)
    {
        var reader = new ByteReader(
            sections.Lines.Span[header.TablesStart..header.End], sections.Source, (ulong)header.TablesStart);
        if (header.Version >= 5)
        {
            ReadTable(ref reader, sections, header.Is64BitFormat, None); // directories
            return ReadTable(ref reader, sections, header.Is64BitFormat, number);
        }

        while (!reader.ReadCString().IsEmpty)
        {
            // Directories, up to the empty one.
        }

        uint next = 1; // numbers begin at 1
        while (reader.ReadCString() is { IsEmpty: false } name)
        {
            if (next++ == number)
            {
                return BaseName(name);
            }

            reader.ReadULeb128(); // directory
            reader.ReadULeb128(); // time of modification
            reader.ReadULeb128(); // bytes
        }

        return defined is not null && number >= next && number - next < (uint)defined.Count ? defined[(int)(number - next)] : "";
    }

    /// <summary>The last part of a path.</summary>
    public static string BaseName(ReadOnlySpan<byte> path) => ByteReader.Text(path[(path.LastIndexOf((byte)'/') + 1)..]);

    /// <summary>Steps over a table of version 5 up to the wanted entry, and returns that one's base name.</summary>
    private static string ReadTable(ref ByteReader reader, LineSections sections, bool is64BitFormat, ulong wanted)
    {
        int columns = reader.ReadByte();
        Span<(ulong Content, ulong Form)> format = stackalloc (ulong, ulong)[byte.MaxValue];
        for (int i = 0; i < columns; i++)
        {
            format[i] = (reader.ReadULeb128(), reader.ReadULeb128());
        }

        ulong count = reader.ReadULeb128();
        if (count != 0 && columns == 0)
        {
            reader.Fail($"{count} entries of nothing announced");
        }

        // Every form takes at least a byte, so that the section's end ends a count that is not true.
        for (ulong number = 0; number < count; number++)
        {
            for (int i = 0; i < columns; i++)
            {
                bool isName = number == wanted && format[i].Content == PathContent;
                var value = ReadValue(ref reader, sections, (Form)Math.Min(format[i].Form, ushort.MaxValue), is64BitFormat, isName);
                if (isName)
                {
                    return BaseName(value);
                }
            }
        }

        return "";
    }

    /// <summary>Steps over a value; returns its text if that is wanted and in one of the sections.</summary>
    private static ReadOnlySpan<byte> ReadValue(
        ref ByteReader reader, LineSections sections, Form form, bool is64BitFormat, bool wantsText)
    {
        switch (form)
        {
            case Form.String:
                return reader.ReadCString();
            case Form.LineString:
                ulong lineString = reader.ReadWord(is64BitFormat);
                return wantsText ? ByteReader.CStringAt(sections.LineStrings.Span, lineString) : default;
            case Form.StringOffset:
                ulong text = reader.ReadWord(is64BitFormat);
                return wantsText ? ByteReader.CStringAt(sections.Strings.Span, text) : default;
            case Form.SectionOffset or Form.SupplementaryString:
                reader.ReadWord(is64BitFormat);
                break;
            case Form.UnsignedData or Form.StringIndex:
                reader.ReadULeb128();
                break;
            case Form.Data1 or Form.StringIndex1:
                reader.Skip(1);
                break;
            case Form.Data2 or Form.StringIndex2:
                reader.Skip(2);
                break;
            case Form.StringIndex3:
                reader.Skip(3);
                break;
            case Form.Data4 or Form.StringIndex4:
                reader.Skip(4);
                break;
            case Form.Data8:
                reader.Skip(8);
                break;
            case Form.Data16:
                reader.Skip(16);
                break;
            case Form.Block1:
                SkipBlock(ref reader, reader.ReadByte());
                break;
            case Form.Block2:
                SkipBlock(ref reader, reader.ReadUInt16());
                break;
            case Form.Block4:
                SkipBlock(ref reader, reader.ReadUInt32());
                break;
            case Form.Block:
                SkipBlock(ref reader, reader.ReadULeb128());
                break;
            default:
                reader.Fail($"a file table with values of form 0x{(int)form:x}, which viperf does not read");
                break;
        }

        return default;
    }

    private static void SkipBlock(ref ByteReader reader, ulong length)
    {
        if (length > (ulong)reader.Remaining)
        {
            reader.Fail($"a block of {length} bytes announced, {reader.Remaining} left");
        }

        reader.Skip((int)length);
    }
}
