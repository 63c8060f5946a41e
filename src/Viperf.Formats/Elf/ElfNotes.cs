using Viperf.Formats.Bytes;

namespace Viperf.Formats.Elf;

/// <summary>Notes of an ELF file, of a process's image or of <c>/sys/kernel/notes</c>: of all of them, the build-id.</summary>
public static class ElfNotes
{
    /// <summary>Build-ids are a hash: 20 bytes of SHA-1 as a rule; no tool makes longer ones than this.</summary>
    private const int BuildIdMaximumBytes = 64;
    private const uint BuildIdNote = 3; // NT_GNU_BUILD_ID

    /// <summary>The build-id in lower-case hexadecimal digits; empty if the file has none that can be read.</summary>
    public static string BuildIdOf(ElfFile file)
    {
        // Of all notes together: thousands of headers may point to the same bytes.
        ulong left = Limits.NoteBytes;
        foreach (var segment in file.Segments)
        {
            if (segment.Type == ElfSegmentType.PT_NOTE && segment.FileSize <= left)
            {
                left -= segment.FileSize;
                if (BuildIdOf(() => file.ReadSegment(segment)) is { Length: > 0 } id)
                {
                    return id;
                }
            }
        }

        foreach (var section in file.Sections)
        {
            if (section.Type == ElfSectionType.SHT_NOTE && !section.IsCompressed && section.Size <= left)
            {
                left -= section.Size;
                if (BuildIdOf(() => file.ReadSection(section)) is { Length: > 0 } id)
                {
                    return id;
                }
            }
        }

        return "";
    }

    /// <summary>The build-id among notes that lie one after another, or an empty text.</summary>
    public static string BuildIdOf(ReadOnlySpan<byte> notes)
    {
        var reader = new ByteReader(notes, "notes");
        while (reader.Remaining >= 12)
        {
            uint nameSize = reader.ReadUInt32();
            uint descriptionSize = reader.ReadUInt32();
            uint type = reader.ReadUInt32();
            if (!TryTake(ref reader, nameSize, out var name) || !TryTake(ref reader, descriptionSize, out var description))
            {
                break;
            }

            if (type == BuildIdNote && name.SequenceEqual("GNU\0"u8) && description.Length is > 0 and <= BuildIdMaximumBytes)
            {
                return Hex(description);
            }
        }

        return "";
    }

    /// <summary>Bytes of a build-id as lower-case hexadecimal digits.</summary>
    public static string Hex(ReadOnlySpan<byte> buildId) => Convert.ToHexStringLower(buildId);

    /// <summary>A file may have damaged notes beside a good note: each is tried by itself.</summary>
    private static string BuildIdOf(Func<ReadOnlyMemory<byte>> notes)
    {
        try
        {
            return BuildIdOf(notes().Span);
        }
        catch (ParseException)
        {
            return "";
        }
    }

    /// <summary>Takes a note's name or description, and the padding to four bytes that the last one may lack.</summary>
    private static bool TryTake(ref ByteReader reader, uint size, out ReadOnlySpan<byte> bytes)
    {
        if (size > (uint)reader.Remaining)
        {
            bytes = default;
            return false;
        }

        bytes = reader.ReadBytes((int)size);
        reader.Skip(Math.Min((int)(-size & 3), reader.Remaining));
        return true;
    }
}
