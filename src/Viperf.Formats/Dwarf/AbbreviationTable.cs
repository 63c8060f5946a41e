using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>One attribute of an abbreviation.</summary>
/// <param name="Name">What it tells.</param>
/// <param name="Form">How its value is written.</param>
/// <param name="FixedSize">Bytes of the value, -1 where that differs from entry to entry.</param>
/// <param name="ImplicitConstant">The value of <see cref="DwarfForm.ImplicitConstant"/>.</param>
internal readonly record struct AttributeSpec(DwarfAttribute Name, DwarfForm Form, int FixedSize, long ImplicitConstant);

/// <summary>What entries of one kind have in common (DWARF 5 §7.5.3).</summary>
/// <param name="Tag">What they describe.</param>
/// <param name="HasChildren">Whether other entries lie below them.</param>
/// <param name="Attributes">Their attributes, in the order in which the values follow.</param>
/// <param name="FixedSize">Bytes of all values together, -1 where that differs from entry to entry.</param>
internal sealed record Abbreviation(DwarfTag Tag, bool HasChildren, AttributeSpec[] Attributes, int FixedSize)
{
    /// <summary>Steps over the values of an entry.</summary>
    public void Skip(ref ByteReader reader, UnitFormat unit)
    {
        if (FixedSize >= 0)
        {
            reader.Skip(FixedSize);
            return;
        }

        foreach (ref readonly var attribute in Attributes.AsSpan())
        {
            if (attribute.FixedSize >= 0)
            {
                reader.Skip(attribute.FixedSize);
            }
            else
            {
                FormReader.Skip(ref reader, attribute.Form, unit);
            }
        }
    }
}

/// <summary>The abbreviations of a unit by their codes.</summary>
internal sealed class AbbreviationTable
{
    /// <summary>By code less one: compilers number them so.</summary>
    private readonly List<Abbreviation> _dense = [];

    /// <summary>Those whose codes are not next in line.</summary>
    private readonly Dictionary<ulong, Abbreviation> _others = [];

    private AbbreviationTable()
    {
    }

    /// <summary>The abbreviation with a code, or null.</summary>
    public Abbreviation? this[ulong code] =>
        code - 1 < (ulong)_dense.Count ? _dense[(int)(code - 1)] : _others.GetValueOrDefault(code);

    /// <summary>Reads a whole table.</summary>
    /// <exception cref="ParseException">It is cut short.</exception>
    public static AbbreviationTable Read(ref ByteReader reader, UnitFormat unit)
    {
        var table = new AbbreviationTable();
        while (reader.ReadULeb128() is not 0 and var code)
        {
            var abbreviation = ReadOne(ref reader, unit);
            if (code == (ulong)table._dense.Count + 1)
            {
                table._dense.Add(abbreviation);
            }
            else
            {
                table._others.TryAdd(code, abbreviation);
            }
        }

        return table;
    }

    /// <summary>Reads a table up to the abbreviation with a code.</summary>
    /// <exception cref="ParseException">The table has none with this code.</exception>
    public static Abbreviation ReadSingle(ref ByteReader reader, ulong code, UnitFormat unit)
    {
        while (true)
        {
            ulong next = reader.ReadULeb128();
            if (next == 0)
            {
                reader.Fail($"no abbreviation {code} in the table that ends here");
            }

            if (next == code)
            {
                return ReadOne(ref reader, unit);
            }

            reader.ReadULeb128(); // tag
            reader.Skip(1);
            while (ReadAttribute(ref reader, unit, out _))
            {
                // Attributes, up to the empty one.
            }
        }
    }

    private static Abbreviation ReadOne(ref ByteReader reader, UnitFormat unit)
    {
        ulong tag = reader.ReadULeb128();
        bool hasChildren = reader.ReadByte() != 0;
        var attributes = new List<AttributeSpec>();
        int size = 0;
        while (ReadAttribute(ref reader, unit, out var attribute))
        {
            if (attributes.Count == Limits.EntryAttributes)
            {
                reader.Fail($"an abbreviation with more than {Limits.EntryAttributes} attributes");
            }

            attributes.Add(attribute);
            size = attribute.FixedSize < 0 || size is < 0 or > ushort.MaxValue ? -1 : size + attribute.FixedSize;
        }

        return new Abbreviation((DwarfTag)Math.Min(tag, ushort.MaxValue), hasChildren, [.. attributes], size);
    }

    private static bool ReadAttribute(ref ByteReader reader, UnitFormat unit, out AttributeSpec attribute)
    {
        ulong name = reader.ReadULeb128();
        var form = (DwarfForm)Math.Min(reader.ReadULeb128(), ushort.MaxValue);
        long constant = form == DwarfForm.ImplicitConstant ? reader.ReadSLeb128() : 0;
        attribute = new AttributeSpec(
            (DwarfAttribute)Math.Min(name, ushort.MaxValue), form, FormReader.FixedSize(form, unit), constant);
        return name != 0 || form != 0;
    }
}
