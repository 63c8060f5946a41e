using System.Runtime.CompilerServices;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>
/// The call frame information of one file: the row of rules for every address (DWARF 5 §6.4). Finding a row searches
/// an index of functions, runs that function's instructions and allocates nothing.
/// </summary>
public sealed class CfiTable
{
    private readonly CfiSection _section;

    /// <summary>The file's own table; null where <see cref="_starts"/> stand for it.</summary>
    private readonly EhFrameHeader? _header;

    /// <summary>First addresses of functions, ascending.</summary>
    private readonly ulong[] _starts;

    /// <summary>By the same index: offsets of their descriptions.</summary>
    private readonly int[] _offsets;

    private CfiTable(CfiSection section, EhFrameHeader? header, ulong[] starts, int[] offsets, int badEntries)
    {
        _section = section;
        _header = header;
        _starts = starts;
        _offsets = offsets;
        BadEntries = badEntries;
    }

    /// <summary>
    /// Entries that could not be read when the index was made; their addresses have no rows. With a header's table
    /// entries are not read in advance, and it is 0.
    /// </summary>
    public int BadEntries { get; }

    /// <summary>
    /// Opens a section. Without a header whose table can be searched, one pass over the section makes an index.
    /// </summary>
    /// <param name="section">The section.</param>
    /// <param name="header">The <c>.eh_frame_hdr</c> beside an <c>.eh_frame</c>; null for none.</param>
    /// <exception cref="ParseException">There are more functions than <see cref="Limits.FrameDescriptions"/>.</exception>
    public static CfiTable Open(CfiSection section, EhFrameHeader? header = null)
    {
        if (section.Kind == CfiSectionKind.EhFrame && header is { Count: > 0 })
        {
            return new CfiTable(section, header, [], [], badEntries: 0);
        }

        var scan = new Scan(section);
        return new CfiTable(section, null, scan.Starts, scan.Offsets, scan.BadEntries);
    }

    /// <summary>
    /// Finds the row of an address. For a return address ask one byte before, unless the frame it returns to is a
    /// signal's (<see cref="CfiRow.IsSignalFrame"/>): a call may be a function's last instruction.
    /// </summary>
    /// <param name="address">A virtual address of the file.</param>
    /// <param name="row">The row; of no meaning where the result is false.</param>
    /// <returns>False where no function's description covers the address.</returns>
    /// <exception cref="ParseException">The function's description is not consistent.</exception>
    [SkipLocalsInit]
    public bool TryFind(ulong address, out CfiRow row)
    {
        Unsafe.SkipInit(out row);
        if (!TryFindDescription(address, out ulong offset))
        {
            return false;
        }

        var function = FrameDescription.Read(_section, offset);
        if (address - function.Start >= function.End - function.Start)
        {
            return false;
        }

        Unsafe.SkipInit(out CfiRow initial);
        Span<CfiRow> remembered = stackalloc CfiRow[Limits.RememberedRows];
        new CfiProgram(_section, in function, ref initial, remembered).Run(address, ref row);
        return true;
    }

    /// <summary>Finds the function that an address lies in, or the part of one that has a description of its own.</summary>
    /// <param name="address">A virtual address of the file.</param>
    /// <param name="function">Its first address, and the first one behind it.</param>
    /// <returns>False where no function's description covers the address.</returns>
    /// <exception cref="ParseException">The function's description is not consistent.</exception>
    public bool TryFindFunction(ulong address, out (ulong Start, ulong End) function)
    {
        function = default;
        if (!TryFindDescription(address, out ulong offset))
        {
            return false;
        }

        var description = FrameDescription.Read(_section, offset);
        function = (description.Start, description.End);
        return address - function.Start < function.End - function.Start;
    }

    /// <summary>Finds the canonical frame address of a frame.</summary>
    /// <param name="row">The frame's row, from this table.</param>
    /// <param name="context">The frame.</param>
    /// <param name="cfa">The address.</param>
    /// <returns>False where a register or memory that it takes is not known.</returns>
    /// <exception cref="ParseException">The rule's expression is not consistent.</exception>
    public bool TryGetCfa<TContext>(in CfiRow row, ref TContext context, out ulong cfa)
        where TContext : struct, IUnwindContext
    {
        cfa = 0;
        switch (row.Cfa.Kind)
        {
            case CfaRuleKind.RegisterOffset:
                if (context.TryGetRegister(row.Cfa.Register, out ulong value))
                {
                    cfa = value + (ulong)row.Cfa.Value;
                    return true;
                }

                return false;
            case CfaRuleKind.Expression:
                return TryEvaluate(row.Cfa.Value, [], ref context, out cfa);
            default:
                return false;
        }
    }

    /// <summary>Finds the value that a register has in the caller.</summary>
    /// <param name="row">The frame's row, from this table.</param>
    /// <param name="register">A DWARF number below <see cref="CfiRow.RegisterCount"/>.</param>
    /// <param name="cfa">The frame's canonical frame address.</param>
    /// <param name="context">The frame.</param>
    /// <param name="value">The value.</param>
    /// <returns>
    /// False where the value is lost, or memory that it takes is not known. A register for which nothing is said keeps
    /// its value; the caller of this method knows which ones the ABI does not preserve.
    /// </returns>
    /// <exception cref="ParseException">The rule's expression is not consistent.</exception>
    public bool TryGetRegister<TContext>(in CfiRow row, int register, ulong cfa, ref TContext context, out ulong value)
        where TContext : struct, IUnwindContext
    {
        var rule = row[register];
        int wordSize = _section.Is64Bit ? 8 : 4;
        switch (rule.Kind)
        {
            case CfiRuleKind.Unspecified or CfiRuleKind.SameValue:
                return context.TryGetRegister(register, out value);
            case CfiRuleKind.Offset:
                return context.TryRead(cfa + (ulong)rule.Value, wordSize, out value);
            case CfiRuleKind.ValOffset:
                value = cfa + (ulong)rule.Value;
                return true;
            case CfiRuleKind.Register:
                return context.TryGetRegister((int)rule.Value, out value);
            case CfiRuleKind.Expression:
                return TryEvaluate(rule.Value, [cfa], ref context, out ulong address)
                    ? context.TryRead(address, wordSize, out value)
                    : Lost(out value);
            case CfiRuleKind.ValExpression:
                return TryEvaluate(rule.Value, [cfa], ref context, out value);
            default:
                return Lost(out value);
        }
    }

    private static bool Lost(out ulong value)
    {
        value = 0;
        return false;
    }

    private bool TryEvaluate<TContext>(long place, ReadOnlySpan<ulong> initial, ref TContext context, out ulong value)
        where TContext : struct, IUnwindContext
    {
        var expression = PackedPlace.Of(_section.Bytes.Span, place, out int offset);
        return DwarfExpression.TryEvaluate(
            new ByteReader(expression, _section.Source, (ulong)offset), _section.Is64Bit, initial, ref context, out value);
    }

    private bool TryFindDescription(ulong address, out ulong offset)
    {
        if (_header is not null)
        {
            bool found = _header.TryFind(address, out ulong description);
            offset = description - _section.Address;
            return found;
        }

        int index = Array.BinarySearch(_starts, address);
        index = index < 0 ? ~index - 1 : index;
        offset = index < 0 ? 0 : (ulong)_offsets[index];
        return index >= 0;
    }

    /// <summary>One pass over all entries.</summary>
    private readonly struct Scan
    {
        public Scan(CfiSection section)
        {
            List<ulong> starts = [];
            List<int> offsets = [];
            int commonOffset = -1;
            CommonInformation common = default;
            for (int at = 0; at < section.Bytes.Length;)
            {
                CfiEntry entry;
                try
                {
                    entry = CfiEntry.Read(section, (ulong)at);
                }
                catch (ParseException)
                {
                    BadEntries++;
                    break; // nobody knows where the next entry begins
                }

                if (entry.CommonInformation >= 0)
                {
                    try
                    {
                        // Descriptions of one object file follow their common information one after another.
                        if (entry.CommonInformation != commonOffset)
                        {
                            common = CommonInformation.Read(section, entry.CommonInformation);
                            commonOffset = entry.CommonInformation;
                        }

                        var function = FrameDescription.Read(section, entry, common);
                        if (function.Start < function.End)
                        {
                            starts.Add(function.Start);
                            offsets.Add(at);
                        }
                    }
                    catch (ParseException)
                    {
                        BadEntries++;
                    }
                }

                if (starts.Count > Limits.FrameDescriptions)
                {
                    ParseException.Throw($"more than {Limits.FrameDescriptions} functions", section.Source, (ulong)at);
                }

                at = entry.End; // behind at: the length itself takes four bytes
            }

            Starts = [.. starts];
            Offsets = [.. offsets];
            Array.Sort(Starts, Offsets);
        }

        public ulong[] Starts { get; }

        public int[] Offsets { get; }

        public int BadEntries { get; }
    }
}
