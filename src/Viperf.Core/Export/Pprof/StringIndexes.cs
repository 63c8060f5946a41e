using Google.Protobuf.Collections;

namespace Viperf.Core.Export.Pprof;

/// <summary>The strings of a profile by index, as its messages refer to them.</summary>
internal sealed class StringIndexes
{
    private readonly Dictionary<string, long> _indexes = new(StringComparer.Ordinal);
    private readonly RepeatedField<string> _table;

    /// <summary>Begins a table.</summary>
    /// <param name="table">Where its strings go to.</param>
    public StringIndexes(RepeatedField<string> table)
    {
        _table = table;
        _ = Of("");
    }

    /// <summary>The index of a string.</summary>
    public long Of(string text)
    {
        if (!_indexes.TryGetValue(text, out long index))
        {
            index = _table.Count;
            _indexes.Add(text, index);
            _table.Add(ExportText.WellFormed(text));
        }

        return index;
    }
}
