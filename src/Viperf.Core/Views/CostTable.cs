using System.Runtime.InteropServices;
using Viperf.Core.Profiles;

namespace Viperf.Core.Views;

/// <summary>Costs by key, summed up sample by sample.</summary>
/// <typeparam name="TKey">What costs are told apart by.</typeparam>
internal sealed class CostTable<TKey>
    where TKey : notnull
{
    private readonly InternTable<TKey> _keys = new();
    private readonly List<Cost> _costs = [];

    /// <summary>The row of samples that counted last for each key: what stands twice on a stack counts once.</summary>
    private readonly List<int> _lastRows = [];

    /// <summary>All of them, in the order in which they were met.</summary>
    public IEnumerable<(TKey Key, Cost Cost)> Costs => _costs.Select((cost, index) => (_keys[index], cost));

    /// <summary>Counts one place on the stack of equal samples. Leaves come before their callers.</summary>
    /// <param name="key">What it counts for.</param>
    /// <param name="weight">The samples' row, which comes once, their period and their number.</param>
    /// <param name="isLeaf">True if it is the stack's leaf.</param>
    public void Add(in TKey key, in (int Row, ulong Period, ulong Samples) weight, bool isLeaf)
    {
        int index = _keys.Intern(key, out bool added);
        if (added)
        {
            _costs.Add(default);
            _lastRows.Add(-1);
        }

        if (_lastRows[index] == weight.Row)
        {
            return;
        }

        _lastRows[index] = weight.Row;
        ref var cost = ref CollectionsMarshal.AsSpan(_costs)[index];
        cost = new Cost(
            cost.SelfPeriod + (isLeaf ? weight.Period : 0),
            cost.SelfSamples + (isLeaf ? weight.Samples : 0),
            cost.TotalPeriod + weight.Period,
            cost.TotalSamples + weight.Samples);
    }
}
