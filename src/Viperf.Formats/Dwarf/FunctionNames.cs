using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>
/// Names of functions by their entries. What was inlined says only what it was made from, which may say so too, in another
/// unit or another file: the name stands at the end of that chain.
/// </summary>
/// <param name="supplementary">The units that several files share; null if there are none.</param>
internal sealed class FunctionNames(Lazy<UnitList>? supplementary)
{
    private readonly Dictionary<(UnitList Units, ulong Entry), string> _names = [];

    /// <summary>Equal names of different entries are one text.</summary>
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal) { "" };
    private int _bytes;

    /// <summary>Functions that have no name because what leads to it cannot be read.</summary>
    public int BadNames { get; private set; }

    /// <summary>Units that several files share and that could not be read.</summary>
    public int BadSharedUnits => supplementary is { IsValueCreated: true } ? supplementary.Value.BadUnits : 0;

    /// <summary>
    /// The name of a function: the one that the linker knows, where the compiler gives it, else the one in the source; empty
    /// where there is none.
    /// </summary>
    /// <param name="units">The file's units.</param>
    /// <param name="unit">The entry's unit.</param>
    /// <param name="entry">Offset of the entry in <c>.debug_info</c>.</param>
    /// <exception cref="ParseException">All names together have more than <see cref="Limits.FunctionNamesBytes"/>.</exception>
    public string Find(UnitList units, DebugUnit unit, ulong entry)
    {
        if (!_names.TryGetValue((units, entry), out string? name))
        {
            ReadOnlySpan<byte> text = default;
            try
            {
                Follow(units, unit, entry, ref text);
            }
            catch (ParseException)
            {
                BadNames += text.IsEmpty ? 1 : 0;
            }

            name = Keep(text, units);
            _names.Add((units, entry), name);
        }

        return name;
    }

    private string Keep(ReadOnlySpan<byte> text, UnitList units)
    {
        string name = ByteReader.Text(text);
        if (_texts.TryGetValue(name, out string? known))
        {
            return known;
        }

        if (text.Length > Limits.FunctionNamesBytes - _bytes)
        {
            ParseException.Throw($"names of functions with more than {Limits.FunctionNamesBytes} bytes", units.Sections.Source, 0);
        }

        _bytes += text.Length;
        _texts.Add(name);
        return name;
    }

    private void Follow(UnitList units, DebugUnit unit, ulong entry, ref ReadOnlySpan<byte> name)
    {
        for (int step = 0; step < Limits.OriginSteps; step++)
        {
            var attributes = Attributes.Read(unit, entry);
            if (attributes.LinkageName.IsPresent)
            {
                var linkageName = UnitValues.Text(unit, attributes.LinkageName);
                if (!linkageName.IsEmpty)
                {
                    name = linkageName;
                    return;
                }
            }

            if (name.IsEmpty)
            {
                name = UnitValues.Text(unit, attributes.Name);
            }

            if (Resolve(units, unit, attributes.Origin) is not { } origin)
            {
                return;
            }

            (units, unit, entry) = origin;
        }
    }

    private (UnitList Units, DebugUnit Unit, ulong Entry)? Resolve(UnitList units, DebugUnit unit, FormValue reference)
    {
        switch (reference.Kind)
        {
            case FormKind.UnitReference:
                return (units, unit, (ulong)unit.Offset + reference.Number);
            case FormKind.SectionReference:
                return Place(units, reference.Number);
            case FormKind.SupplementaryReference when supplementary?.Value is { } shared:
                return Place(shared, reference.Number);
            default:
                return null;
        }
    }

    private static (UnitList Units, DebugUnit Unit, ulong Entry) Place(UnitList units, ulong entry)
    {
        var unit = units.UnitAt(entry);
        if (unit is null)
        {
            ParseException.Throw("an entry asked for that lies in no unit", units.Sections.InfoName, entry);
        }

        return (units, unit, entry);
    }

    /// <summary>What of an entry leads to its name.</summary>
    private readonly record struct Attributes(FormValue Name, FormValue LinkageName, FormValue Origin)
    {
        public static Attributes Read(DebugUnit unit, ulong entry)
        {
            var reader = unit.ReaderAt(entry);
            var abbreviation = unit.Abbreviations[reader.ReadULeb128()];
            if (abbreviation is null)
            {
                reader.Fail("an entry without a known abbreviation");
            }

            Attributes found = default;
            foreach (ref readonly var attribute in abbreviation.Attributes.AsSpan())
            {
                var value = FormReader.Read(ref reader, attribute.Form, attribute.ImplicitConstant, unit.Format);
                found = attribute.Name switch
                {
                    DwarfAttribute.Name => found with { Name = value },
                    DwarfAttribute.LinkageName or DwarfAttribute.MipsLinkageName => found with { LinkageName = value },
                    DwarfAttribute.AbstractOrigin or DwarfAttribute.Specification => found with { Origin = value },
                    _ => found,
                };
            }

            return found;
        }
    }
}
