using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>One function, or one that was inlined into it.</summary>
/// <param name="Caller">Index of the function that it was inlined into; <see cref="FunctionTree.None"/> for functions themselves.</param>
/// <param name="Entry">Offset of its entry in the unit's <c>.debug_info</c>.</param>
/// <param name="CallFile">Number of the file in which it is called; of inlined ones only.</param>
/// <param name="CallLine">The line of the call, counted from 1; 0 where the compiler does not say.</param>
/// <param name="FirstLine">The line of its declaration, counted from 1; 0 where its entry does not say.</param>
internal readonly record struct FunctionNode(int Caller, int Entry, uint CallFile, uint CallLine, uint FirstLine);

/// <summary>
/// The functions of one unit and what was inlined into them, by address (DWARF 5 §3.3). Of a unit's entries only those are
/// kept that have code.
/// </summary>
internal sealed class FunctionTree
{
    /// <summary>No function.</summary>
    public const int None = -1;

    private readonly FunctionNode[] _nodes;
    private readonly RangeMap _map;

    private FunctionTree(FunctionNode[] nodes, RangeMap map) => (_nodes, _map) = (nodes, map);

    /// <summary>The function with an index.</summary>
    public FunctionNode this[int index] => _nodes[index];

    /// <summary>Index of the innermost function that an address lies in, or <see cref="None"/>.</summary>
    public int Find(ulong address) => _map.Find(address);

    /// <summary>Reads all entries of a unit.</summary>
    /// <param name="unit">The unit, its own entry read.</param>
    /// <param name="problem">Why the entries behind a place were not read; null if all were.</param>
    public static FunctionTree Read(DebugUnit unit, out string? problem)
    {
        var walk = new Walk(unit);
        problem = null;
        try
        {
            walk.Run();
        }
        catch (ParseException e)
        {
            problem = e.Message; // what was read up to there is good
        }

        return new FunctionTree([.. walk.Nodes], walk.Ranges.Build());
    }

    /// <summary>Goes through the entries in their order, which is depth first.</summary>
    private sealed class Walk(DebugUnit unit)
    {
        /// <summary>Of every entry that is open: the innermost function around its children.</summary>
        private readonly Stack<int> _around = new();

        public List<FunctionNode> Nodes { get; } = [];

        public RangeMapBuilder Ranges { get; } = new();

        public void Run()
        {
            unit.Sections.Budget.TakeEntries(unit.End - unit.Offset, unit.Sections.Info.Length);
            var reader = unit.ReaderAt((ulong)unit.FirstEntry);
            var abbreviations = unit.Abbreviations;
            do
            {
                int entry = reader.Position;
                ulong code = reader.ReadULeb128();
                if (code == 0)
                {
                    _around.TryPop(out _);
                    continue;
                }

                var abbreviation = abbreviations[code];
                if (abbreviation is null)
                {
                    reader.Fail($"an entry with abbreviation {code}, which the unit at 0x{unit.Offset:x} does not have");
                }

                int around = _around.TryPeek(out int function) ? function : None;
                switch (abbreviation.Tag)
                {
                    case DwarfTag.Subprogram or DwarfTag.InlinedSubroutine:
                        int node = ReadFunction(ref reader, abbreviation, entry, around, out int sibling);
                        if (node == None && abbreviation.Tag == DwarfTag.Subprogram && TrySkipTo(ref reader, sibling))
                        {
                            continue; // a declaration, or what inlined functions are made from: no code below
                        }

                        // What was inlined and has no code left may still have other functions in it that have.
                        around = node == None && abbreviation.Tag == DwarfTag.InlinedSubroutine ? around : node;
                        break;
                    case DwarfTag.CallSite or DwarfTag.GnuCallSite or DwarfTag.ArrayType or DwarfTag.EnumerationType
                        or DwarfTag.SubroutineType or DwarfTag.StructureType or DwarfTag.UnionType when abbreviation.HasChildren:
                        if (CanHoldCode(abbreviation.Tag))
                        {
                            abbreviation.Skip(ref reader, unit.Format);
                        }
                        else if (TrySkipTo(ref reader, ReadSibling(ref reader, abbreviation)))
                        {
                            continue;
                        }

                        break;
                    default:
                        abbreviation.Skip(ref reader, unit.Format);
                        break;
                }

                if (abbreviation.HasChildren)
                {
                    if (_around.Count == Limits.EntryDepth)
                    {
                        reader.Fail($"entries in more than {Limits.EntryDepth} others");
                    }

                    _around.Push(around);
                }
            }
            while (_around.Count != 0 && !reader.AtEnd);
        }

        /// <summary>C's types have no functions in them; other languages' have, and Rust's even with their code.</summary>
        private bool CanHoldCode(DwarfTag tag) =>
            tag is DwarfTag.StructureType or DwarfTag.UnionType && !unit.Root.IsC;

        /// <summary>Reads a function's attributes; adds it if it has code.</summary>
        private int ReadFunction(ref ByteReader reader, Abbreviation abbreviation, int entry, int around, out int sibling)
        {
            FormValue lowPc = default, highPc = default, ranges = default;
            ulong callFile = 0, callLine = 0, firstLine = 0;
            sibling = 0;
            foreach (ref readonly var attribute in abbreviation.Attributes.AsSpan())
            {
                switch (attribute.Name)
                {
                    case DwarfAttribute.LowPc:
                        lowPc = Read(ref reader, attribute);
                        break;
                    case DwarfAttribute.HighPc:
                        highPc = Read(ref reader, attribute);
                        break;
                    case DwarfAttribute.Ranges:
                        ranges = Read(ref reader, attribute);
                        break;
                    case DwarfAttribute.CallFile:
                        callFile = Read(ref reader, attribute).Number;
                        break;
                    case DwarfAttribute.CallLine:
                        callLine = Read(ref reader, attribute).Number;
                        break;
                    case DwarfAttribute.DeclarationLine:
                        firstLine = Read(ref reader, attribute).Number;
                        break;
                    case DwarfAttribute.Sibling:
                        sibling = Target(Read(ref reader, attribute));
                        break;
                    default:
                        Skip(ref reader, attribute);
                        break;
                }
            }

            int before = Ranges.Count;
            Ranges.Value = Nodes.Count;

            // First the node: a list of ranges that is cut short leaves some behind that lead to it.
            Nodes.Add(new FunctionNode(
                abbreviation.Tag == DwarfTag.InlinedSubroutine ? around : None,
                entry,
                (uint)Math.Min(callFile, uint.MaxValue),
                (uint)Math.Min(callLine, int.MaxValue),
                (uint)Math.Min(firstLine, int.MaxValue)));
            UnitValues.AddRanges(unit, lowPc, highPc, ranges, Ranges);
            if (Ranges.Count == before)
            {
                Nodes.RemoveAt(Nodes.Count - 1);
                return None;
            }

            return Nodes.Count - 1;
        }

        private int ReadSibling(ref ByteReader reader, Abbreviation abbreviation)
        {
            int sibling = 0;
            foreach (ref readonly var attribute in abbreviation.Attributes.AsSpan())
            {
                if (attribute.Name == DwarfAttribute.Sibling)
                {
                    sibling = Target(Read(ref reader, attribute));
                }
                else
                {
                    Skip(ref reader, attribute);
                }
            }

            return sibling;
        }

        private FormValue Read(ref ByteReader reader, in AttributeSpec attribute) =>
            FormReader.Read(ref reader, attribute.Form, attribute.ImplicitConstant, unit.Format);

        private void Skip(ref ByteReader reader, in AttributeSpec attribute)
        {
            if (attribute.FixedSize >= 0)
            {
                reader.Skip(attribute.FixedSize);
            }
            else
            {
                FormReader.Skip(ref reader, attribute.Form, unit.Format);
            }
        }

        /// <summary>The offset in the section that a reference within the unit leads to; 0 where it leads out of it.</summary>
        private int Target(FormValue reference) =>
            reference.Kind == FormKind.UnitReference && reference.Number < (ulong)(unit.End - unit.Offset)
                ? unit.Offset + (int)reference.Number
                : 0;

        /// <summary>Goes to an entry further on, over all children; false where it does not lie further on.</summary>
        private static bool TrySkipTo(ref ByteReader reader, int entry)
        {
            if (entry <= reader.Position || entry - reader.Position > reader.Remaining)
            {
                return false;
            }

            reader.Skip(entry - reader.Position);
            return true;
        }
    }
}
