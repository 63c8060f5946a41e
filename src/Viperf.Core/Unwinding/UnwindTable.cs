using Viperf.Formats.Bytes;
using Viperf.Formats.Dwarf;
using Viperf.Formats.Elf;

namespace Viperf.Core.Unwinding;

/// <summary>The call frame information of one file, or of one piece of generated code.</summary>
public sealed class UnwindTable
{
    /// <summary>
    /// Bytes from a program's entry point on that have no caller, though some C libraries do not say so: the code that
    /// calls main, in the dynamic linker also what calls the program's entry point.
    /// </summary>
    private const ulong EntryCodeBytes = 96;

    private readonly CfiTable?[] _tables;
    private readonly ulong _entryPoint;

    /// <summary>Makes a table of generated code.</summary>
    /// <param name="ehFrame">Its <c>.eh_frame</c>.</param>
    public UnwindTable(CfiTable ehFrame) => _tables = [ehFrame];

    private UnwindTable(CfiTable? ehFrame, CfiTable? debugFrame, ulong entryPoint)
    {
        _tables = [ehFrame, debugFrame];
        _entryPoint = entryPoint;
    }

    /// <summary>Reads a file's sections <c>.eh_frame</c>, by <c>.eh_frame_hdr</c> where that is there, and <c>.debug_frame</c>.</summary>
    /// <param name="file">The file.</param>
    /// <param name="debug">The file that its debug sections were moved to; null for none.</param>
    /// <param name="warn">Takes what cannot be read, a line each.</param>
    public static UnwindTable Read(ElfFile file, ElfFile? debug, Action<string> warn) => new(
        Try(() => OpenEhFrame(file), warn),
        Try(() => OpenDebugFrame(file) ?? (debug is null ? null : OpenDebugFrame(debug)), warn),
        file.EntryPoint);

    /// <summary>Finds the row of an address of the file.</summary>
    /// <param name="address">The table's own address.</param>
    /// <param name="row">The row.</param>
    /// <returns>The table that the row's rules are evaluated with; null where none has a row.</returns>
    /// <exception cref="ParseException">The information is not consistent.</exception>
    public CfiTable? Find(ulong address, out CfiRow row)
    {
        foreach (var table in _tables)
        {
            if (table is not null && table.TryFind(address, out row))
            {
                return table;
            }
        }

        row = default;
        return null;
    }

    /// <summary>Finds the function that an address lies in, as of <see cref="CfiTable.TryFindFunction"/>.</summary>
    public bool TryFindFunction(ulong address, out (ulong Start, ulong End) function)
    {
        foreach (var table in _tables)
        {
            if (table is not null && table.TryFindFunction(address, out function))
            {
                return true;
            }
        }

        function = default;
        return false;
    }

    /// <summary>True in the code that a program starts with, which has no caller.</summary>
    public bool IsEntryCode(ulong address) => _entryPoint != 0 && address - _entryPoint < EntryCodeBytes;

    private static CfiTable? Try(Func<CfiTable?> open, Action<string> warn)
    {
        try
        {
            return open();
        }
        catch (ParseException problem)
        {
            warn(problem.Message);
            return null;
        }
    }

    private static CfiTable? OpenEhFrame(ElfFile file)
    {
        if (file.FindSection(".eh_frame"u8) is { } section && section.Type != ElfSectionType.SHT_NOBITS)
        {
            return CfiTable.Open(Section(file, file.ReadSection(section), section.Address, CfiSectionKind.EhFrame), Header(file));
        }

        // A file without section headers still has the segment that leads to the table.
        foreach (var segment in file.Segments)
        {
            if (segment.Type == ElfSegmentType.PT_GNU_EH_FRAME)
            {
                var header = EhFrameHeader.Read(file.ReadSegment(segment), segment.Address, file.Is64Bit, file.Name);
                return LoadedFrom(file, header.EhFrameAddress) is { } frames ? CfiTable.Open(frames, header) : null;
            }
        }

        return null;
    }

    private static CfiTable? OpenDebugFrame(ElfFile file) => file.HasDebugSection("frame")
        ? CfiTable.Open(Section(file, file.ReadDebugSection("frame"), address: 0, CfiSectionKind.DebugFrame))
        : null;

    /// <summary>The header beside <c>.eh_frame</c>; null if there is none that can be read: the section itself then does.</summary>
    private static EhFrameHeader? Header(ElfFile file)
    {
        try
        {
            return file.FindSection(".eh_frame_hdr"u8) is { } section
                ? EhFrameHeader.Read(file.ReadSection(section), section.Address, file.Is64Bit, $"{file.Name} .eh_frame_hdr")
                : null;
        }
        catch (ParseException)
        {
            return null;
        }
    }

    private static CfiSection Section(ElfFile file, ReadOnlyMemory<byte> bytes, ulong address, CfiSectionKind kind) => new(
        bytes, address, kind, file.Machine, file.Is64Bit,
        $"{file.Name} {(kind == CfiSectionKind.EhFrame ? ".eh_frame" : ".debug_frame")}")
    {
        TextAddress = file.FindSection(".text"u8)?.Address ?? 0,
        DataAddress = file.FindSection(".got"u8)?.Address ?? 0,
    };

    /// <summary>All that the loaded segment has from an address on: where the section ends only its header would say.</summary>
    private static CfiSection? LoadedFrom(ElfFile file, ulong address)
    {
        foreach (var segment in file.Segments)
        {
            if (segment.Type == ElfSegmentType.PT_LOAD && address - segment.Address < segment.FileSize)
            {
                var bytes = file.ReadSegment(segment)[(int)(address - segment.Address)..];
                return new CfiSection(bytes, address, CfiSectionKind.EhFrame, file.Machine, file.Is64Bit, $"{file.Name} .eh_frame");
            }
        }

        return null;
    }
}
