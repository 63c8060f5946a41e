using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>Reads the paths of a unit's files from the tables in its header (DWARF 5 §6.2.4, DWARF 4 §6.2.4).</summary>
internal static class LineFiles
{
    private const ulong PathContent = 1; // DW_LNCT_path
    private const ulong DirectoryContent = 2; // DW_LNCT_directory_index

    /// <summary>No entry has this number: for tables that are only stepped over.</summary>
    private const ulong None = ulong.MaxValue;

    /// <summary>
    /// The path of one file; empty where the table has none that can be read. Only the path that is asked for is
    /// made a text: a small table can point to one long text a million times.
    /// </summary>
    /// <param name="sections">The file's sections.</param>
    /// <param name="header">The unit's header.</param>
    /// <param name="number">As programs set it.</param>
    /// <param name="defined">Files that the program adds behind the table's; null for none.</param>
    /// <param name="compilationDirectory">What relative paths of DWARF 4 and before begin at; empty where nobody knows.</param>
    /// <exception cref="ParseException">The tables are not consistent.</exception>
    public static string Find(
        LineSections sections, in LineHeader header, ulong number, List<string>? defined, string compilationDirectory)
    {
        var reader = new ByteReader(
            sections.Lines.Span[header.TablesStart..header.End], sections.Source, (ulong)header.TablesStart);
        return header.Version >= 5
            ? FindInFormatted(ref reader, sections, header, number)
            : FindInPlain(ref reader, number, defined, compilationDirectory);
    }

    /// <summary>Directories and files as version 5 has them: tables that say which columns they have, in which form.</summary>
    private static string FindInFormatted(ref ByteReader reader, LineSections sections, in LineHeader header, ulong number)
    {
        var directories = reader;
        ReadTable(ref reader, sections, header, None, out _);
        var name = ReadTable(ref reader, sections, header, number, out ulong directory);
        if (name.IsEmpty || name[0] == '/')
        {
            return ByteReader.Text(name);
        }

        var copy = directories;
        var path = ReadTable(ref copy, sections, header, directory, out _);
        if (path.IsEmpty || path[0] == '/' || directory == 0)
        {
            return Join(ByteReader.Text(path), ByteReader.Text(name));
        }

        var compilationDirectory = ReadTable(ref directories, sections, header, 0, out _);
        return Join(Join(ByteReader.Text(compilationDirectory), ByteReader.Text(path)), ByteReader.Text(name));
    }

    /// <summary>Directories and files as versions 2 to 4 have them: lists of texts, numbered from 1.</summary>
    private static string FindInPlain(
        ref ByteReader reader, ulong number, List<string>? defined, string compilationDirectory)
    {
        var directories = reader;
        while (!reader.ReadCString().IsEmpty)
        {
            // Directories, up to the empty one.
        }

        ulong next = 1;
        while (reader.ReadCString() is { IsEmpty: false } name)
        {
            ulong directory = reader.ReadULeb128();
            reader.ReadULeb128(); // time of modification
            reader.ReadULeb128(); // bytes
            if (next++ == number)
            {
                return Join(DirectoryOf(ref directories, directory, compilationDirectory), ByteReader.Text(name));
            }
        }

        return defined is not null && number >= next && number - next < (uint)defined.Count
            ? Join(compilationDirectory, defined[(int)(number - next)])
            : "";
    }

    private static string DirectoryOf(ref ByteReader directories, ulong wanted, string compilationDirectory)
    {
        ulong next = 1;
        while (wanted != 0 && directories.ReadCString() is { IsEmpty: false } path)
        {
            if (next++ == wanted)
            {
                return Join(compilationDirectory, ByteReader.Text(path));
            }
        }

        return compilationDirectory;
    }

    /// <summary>A path as seen from a directory, which may be unknown.</summary>
    private static string Join(string directory, string path) =>
        directory.Length == 0 || path.StartsWith('/') ? path
        : directory.EndsWith('/') ? directory + path
        : $"{directory}/{path}";

    /// <summary>Steps over a table of version 5 up to the wanted entry, and returns that one's path.</summary>
    private static ReadOnlySpan<byte> ReadTable(
        ref ByteReader reader, LineSections sections, in LineHeader header, ulong wanted, out ulong directory)
    {
        directory = 0;
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

        var unit = new UnitFormat(header.Version, header.Is64BitFormat, sizeof(ulong));
        ReadOnlySpan<byte> path = default;

        // Every form but a constant of the format takes at least a byte, so that the section's end ends a count that is not true.
        for (ulong number = 0; number < count; number++)
        {
            for (int i = 0; i < columns; i++)
            {
                var form = (DwarfForm)Math.Min(format[i].Form, ushort.MaxValue);
                if (number != wanted || format[i].Content is not (PathContent or DirectoryContent))
                {
                    StepOver(ref reader, form, unit);
                }
                else if (format[i].Content == DirectoryContent)
                {
                    directory = FormReader.Read(ref reader, form, implicitConstant: 0, unit).Number;
                }
                else
                {
                    path = ReadText(ref reader, form, unit, sections);
                }
            }

            if (number == wanted)
            {
                break;
            }
        }

        return path;
    }

    private static void StepOver(ref ByteReader reader, DwarfForm form, UnitFormat unit)
    {
        if (FormReader.FixedSize(form, unit) == 0)
        {
            reader.Fail($"a file table with values of form 0x{(int)form:x}, which have no bytes");
        }

        FormReader.Skip(ref reader, form, unit);
    }

    private static ReadOnlySpan<byte> ReadText(scoped ref ByteReader reader, DwarfForm form, UnitFormat unit, LineSections sections)
    {
        if (form == DwarfForm.String)
        {
            return reader.ReadCString();
        }

        var value = FormReader.Read(ref reader, form, implicitConstant: 0, unit);
        return value.Kind switch
        {
            FormKind.LineString => ByteReader.CStringAt(sections.LineStrings.Span, value.Number),
            FormKind.StringOffset => ByteReader.CStringAt(sections.Strings.Span, value.Number),
            _ => default,
        };
    }
}
