using Viperf.Formats.Bytes;

namespace Viperf.Core.Symbols.Demangling;

/// <summary>A node; see <see cref="ItaniumKind"/> for what its numbers mean.</summary>
internal struct ItaniumNode
{
    public ItaniumKind Kind;
    public int A;
    public int B;
    public int C;
}

/// <summary>
/// What a mangled text says, as nodes that are numbered in the order in which they were made. A node refers to older ones
/// only, lists excepted, which grow at their end; so there is no way round in a circle.
/// </summary>
internal sealed class ItaniumTree
{
    private ItaniumNode[] _nodes = new ItaniumNode[128];

    /// <summary>Nodes, the first of which is <see cref="ItaniumKind.None"/>.</summary>
    private int _count = 1;

    public ref readonly ItaniumNode this[int node] => ref _nodes[node];

    /// <summary>Forgets all nodes.</summary>
    public void Clear() => _count = 1;

    /// <summary>Makes a node; returns 0 where there are too many.</summary>
    public int Add(ItaniumKind kind, int a = 0, int b = 0, int c = 0)
    {
        if (_count == _nodes.Length)
        {
            if (_count >= Limits.DemangledNodes)
            {
                return 0;
            }

            Array.Resize(ref _nodes, _count * 2);
        }

        _nodes[_count] = new ItaniumNode { Kind = kind, A = a, B = b, C = c };
        return _count++;
    }

    /// <summary>Appends to a list whose last node is known.</summary>
    /// <param name="last">The list's last node, which is empty in an empty list; becomes the new one.</param>
    /// <param name="item">What to append.</param>
    /// <returns>False where there are too many nodes.</returns>
    public bool Append(ref int last, int item)
    {
        if (_nodes[last].A == 0)
        {
            _nodes[last].A = item;
            return true;
        }

        int added = Add(ItaniumKind.List, item);
        _nodes[last].B = added;
        last = added;
        return added != 0;
    }

    /// <summary>Makes a list of one.</summary>
    public int ListOf(int item) => Add(ItaniumKind.List, item);

    /// <summary>How many things a list has.</summary>
    public int CountOf(int list)
    {
        int count = 0;
        for (; list != 0 && _nodes[list].A != 0; list = _nodes[list].B)
        {
            count++;
        }

        return count;
    }

    /// <summary>A list's thing by its index from 0; 0 where it has fewer.</summary>
    public int ItemOf(int list, int index)
    {
        for (; list != 0 && index > 0; index--)
        {
            list = _nodes[list].B;
        }

        return list == 0 ? 0 : _nodes[list].A;
    }

    /// <summary>What is qualified by <c>const</c> and the like, without the qualifiers.</summary>
    public int Unqualified(int node)
    {
        while (IsQualifier(_nodes[node].Kind))
        {
            node = _nodes[node].A;
        }

        return node;
    }

    /// <summary>True for what stands behind a function's parameters, or behind a type.</summary>
    public static bool IsQualifier(ItaniumKind kind) => kind is >= ItaniumKind.Const and <= ItaniumKind.VendorQualifier;
}
