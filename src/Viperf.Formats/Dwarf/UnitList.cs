using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>The units of one file's <c>.debug_info</c>, their headers and own entries read.</summary>
internal sealed class UnitList
{
    private readonly List<DebugUnit> _units = [];

    private UnitList(DebugSections sections) => Sections = sections;

    /// <summary>The file's sections.</summary>
    public DebugSections Sections { get; }

    /// <summary>The units by ascending offset.</summary>
    public IReadOnlyList<DebugUnit> Units => _units;

    /// <summary>Units that could not be read; what they describe has no names or lines.</summary>
    public int BadUnits { get; private set; }

    /// <summary>Reads all units of a file.</summary>
    public static UnitList Read(DebugSections sections)
    {
        var list = new UnitList(sections);
        int length = sections.Info.Length;
        for (int at = 0, next; at < length; at = next)
        {
            try
            {
                next = DebugUnit.EndOf(sections, at); // behind at: the length itself takes four bytes
            }
            catch (ParseException)
            {
                list.BadUnits++;
                break; // nobody knows where the next unit begins
            }

            if (list._units.Count == Limits.DebugUnits)
            {
                list.BadUnits++; // and all behind it
                break;
            }

            list.Add(at);
        }

        return list;
    }

    /// <summary>A list of one unit: of a file of split units the one that belongs to a skeleton, or null.</summary>
    /// <param name="sections">The file: one unit's own (<c>.dwo</c>), or a package (<c>.dwp</c>).</param>
    /// <param name="skeleton">The unit whose other part is looked for.</param>
    /// <exception cref="ParseException">The file is not consistent.</exception>
    public static UnitList? ReadSplit(DebugSections sections, DebugUnit skeleton)
    {
        if (!sections.UnitIndex.IsEmpty)
        {
            return SplitPackage.TryFind(sections, skeleton.SplitId, out int offset, out var bases) && offset < sections.Info.Length
                ? OtherPart(sections, offset, bases, skeleton)
                : null;
        }

        for (int at = 0, next; at < sections.Info.Length; at = next)
        {
            next = DebugUnit.EndOf(sections, at);
            if (OtherPart(sections, at, default, skeleton) is { } list)
            {
                return list;
            }
        }

        return null;
    }

    /// <summary>The unit that an offset of <c>.debug_info</c> lies in, or null.</summary>
    public DebugUnit? UnitAt(ulong offset)
    {
        int low = 0;
        int high = _units.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if ((ulong)_units[middle].Offset <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low != 0 && offset < (ulong)_units[low - 1].End ? _units[low - 1] : null;
    }

    /// <summary>A list of the unit at an offset if it belongs to a skeleton, null if it does not: it may be a type's.</summary>
    private static UnitList? OtherPart(DebugSections sections, int offset, UnitBases bases, DebugUnit skeleton)
    {
        if (DebugUnit.ReadHeader(sections, offset, bases) is not { } unit)
        {
            return null;
        }

        sections.Budget.TakeEntries(unit.End - offset, sections.Info.Length);
        unit.ReadRoot();
        if (unit.SplitId != skeleton.SplitId)
        {
            return null;
        }

        unit.TakeAddressesFrom(skeleton);
        var list = new UnitList(sections);
        list._units.Add(unit);
        return list;
    }

    private void Add(int offset)
    {
        try
        {
            if (DebugUnit.ReadHeader(Sections, offset) is { } unit)
            {
                unit.ReadRoot();
                _units.Add(unit);
            }
        }
        catch (ParseException)
        {
            BadUnits++;
        }
    }
}
