namespace Viperf.Core.Unwinding;

/// <summary>
/// A call chain in the form of samples: leaf first, with perf's markers (<c>enum perf_callchain_context</c>). Behind a
/// marker stands an instruction's address, behind that return addresses. Used again for every sample.
/// </summary>
public sealed class CallChain
{
    private ulong[] _entries = new ulong[256];

    /// <summary>Number of entries, markers included.</summary>
    public int Count { get; private set; }

    /// <summary>The entries.</summary>
    public ReadOnlySpan<ulong> Entries => _entries.AsSpan(0, Count);

    /// <summary>Empties the chain.</summary>
    public void Clear() => Count = 0;

    /// <summary>Drops the outermost entries.</summary>
    /// <param name="count">Entries that stay; not more than there are.</param>
    public void Truncate(int count) => Count = count;

    /// <summary>Adds an address or a marker.</summary>
    public void Add(ulong entry)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }

        _entries[Count++] = entry;
    }

    /// <summary>Adds entries.</summary>
    public void Add(ReadOnlySpan<ulong> entries)
    {
        foreach (ulong entry in entries)
        {
            Add(entry);
        }
    }
}
