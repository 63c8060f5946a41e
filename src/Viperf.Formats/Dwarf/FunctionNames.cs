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

    /// <summary>
    /// The name of a function: the one that the linker knows, where the compiler gives it, else the one in the source; empty
    /// where there is none.
    /// </summary>
    /// <param name="units">The file's units.</param>
    /// <param name="unit">The entry's unit.</param>
    /// <param name="entry">Offset of the entry in <c>.debug_info</c>.</param>
    public string Find(UnitList units, DebugUnit unit, ulong entry)
    {
        if (!_names.TryGetValue((units, entry), out string? name))
        {
            try
            {
                name = Follow(units, unit, entry);
            }
            catch (ParseException)
            {
                name = ""; // counted with the unit, when its functions were read
            }

            _names.Add((units, entry), name);
        }

        return name;
    }

    private string Follow(UnitList units, DebugUnit unit, ulong entry)
    {
        string name = "";
        for (int step = 0; step < Limits.OriginSteps; step++)
        {
            var attributes = Attributes.Read(unit, entry);
            if (attributes.LinkageName.IsPresent)
            {
                var linkageName = UnitValues.Text(unit, attributes.LinkageName);
                if (!linkageName.IsEmpty)
                {
                    return ByteReader.Text(linkageName);
                }
            }

            if (name.Length == 0)
            {
                name = ByteReader.Text(UnitValues.Text(unit, attributes.Name));
            }

            if (Resolve(units, unit, attributes.Origin) is not { } origin)
            {
                break;
            }

            (units, unit, entry) = origin;
        }

        return name;
    }

    private (UnitList Units, DebugUnit Unit, ulong Entry)? Resolve(UnitList units, DebugUnit unit, FormValue reference)
    {
        switch (reference.Kind)
        {
            case FormKind.UnitReference:
                return (units, unit, (ulong)unit.Offset + reference.Number);
            case FormKind.SectionReference:
                return units.UnitAt(reference.Number) is { } other ? (units, other, reference.Number) : null;
            case FormKind.SupplementaryReference when supplementary?.Value is { } shared:
                return shared.UnitAt(reference.Number) is { } sharedUnit ? (shared, sharedUnit, reference.Number) : null;
            default:
                return null;
        }
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
