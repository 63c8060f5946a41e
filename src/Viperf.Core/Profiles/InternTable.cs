using System.Runtime.InteropServices;

namespace Viperf.Core.Profiles;

/// <summary>
/// Distinct values by index, in the order of their first appearance. Allocates nothing where the value is there
/// already, so it may stand in the path of every sample.
/// </summary>
/// <typeparam name="T">A value with value equality.</typeparam>
public class InternTable<T>
    where T : notnull
{
    private readonly List<T> _values = [];
    private readonly Dictionary<T, int> _indexes;

    /// <summary>Creates an empty table.</summary>
    /// <param name="comparer">How values are compared, if not by their own equality.</param>
    public InternTable(IEqualityComparer<T>? comparer = null) => _indexes = new(comparer);

    /// <summary>Number of values.</summary>
    public int Count => _values.Count;

    /// <summary>The value with an index that <see cref="Intern(in T)"/> gave.</summary>
    public T this[int index] => _values[index];

    /// <summary>Returns the index of an equal value, adding it if there is none.</summary>
    public int Intern(in T value) => Intern(value, out _);

    /// <summary>Returns the index of an equal value, adding it if there is none, and says whether it did.</summary>
    public int Intern(in T value, out bool added)
    {
        ref int index = ref CollectionsMarshal.GetValueRefOrAddDefault(_indexes, value, out bool exists);
        if (!exists)
        {
            index = _values.Count;
            _values.Add(value);
        }

        added = !exists;
        return index;
    }
}
