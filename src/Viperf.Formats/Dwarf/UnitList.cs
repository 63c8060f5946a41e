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
        for (int at = 0; at < length && list._units.Count < Limits.DebugUnits;)
        {
            try
            {
                var unit = DebugUnit.ReadHeader(sections, at, out int next);
                at = next; // behind at: the length itself takes four bytes
                if (unit is not null)
                {
                    list.Add(unit);
                }
            }
            catch (ParseException)
            {
                list.BadUnits++;
                break; // nobody knows where the next unit begins
            }
        }

        return list;
    }

    /// <summary>A list of one unit: of a file of split units the one that belongs to a skeleton, or null.</summary>
    /// <param name="sections">The file: one unit's own (<c>.dwo</c>), or a package (<c>.dwp</c>).</param>
    /// <param name="skeleton">The unit whose other part is looked for.</param>
    public static UnitList? ReadSplit(DebugSections sections, DebugUnit skeleton)
    {
        var list = new UnitList(sections);
        try
        {
            int at = 0;
            UnitBases bases = default;
            if (!sections.UnitIndex.IsEmpty && !SplitPackage.TryFind(sections, skeleton.SplitId, out at, out bases))
            {
                return null;
            }

            for (int next; at < sections.Info.Length; at = next)
            {
                if (DebugUnit.ReadHeader(sections, at, out next, bases) is not { } unit)
                {
                    continue; // a type, which may lie before the unit
                }

                unit.ReadRoot();
                if (unit.SplitId == skeleton.SplitId)
                {
                    unit.TakeAddressesFrom(skeleton);
                    list._units.Add(unit);
                    return list;
                }
            }
        }
        catch (ParseException)
        {
            list.BadUnits++;
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

    private void Add(DebugUnit unit)
    {
        try
        {
            unit.ReadRoot();
            _units.Add(unit);
        }
        catch (ParseException)
        {
            BadUnits++;
        }
    }
}
