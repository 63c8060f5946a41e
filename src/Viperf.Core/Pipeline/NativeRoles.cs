using Viperf.Core.Processes;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>Finds what a chain's entries are to Python.</summary>
/// <param name="evaluator">Knows the interpreters' code.</param>
internal sealed class NativeRoles(EvaluatorCode evaluator)
{
    private NativeRole[] _roles = new NativeRole[256];

    /// <summary>The entries' roles, valid until the next call.</summary>
    /// <param name="process">Whose chain it is.</param>
    /// <param name="chain">The chain, leaf first.</param>
    /// <param name="userStart">Where user space begins in it.</param>
    public ReadOnlySpan<NativeRole> Of(ProcessState process, ReadOnlySpan<ulong> chain, int userStart)
    {
        if (_roles.Length < chain.Length)
        {
            Array.Resize(ref _roles, Math.Max(chain.Length, 2 * _roles.Length));
        }

        _roles.AsSpan(0, chain.Length).Clear();
        bool isLeaf = true;
        for (int i = userStart; i < chain.Length; i++)
        {
            if (chain[i] >= CallchainContext.PERF_CONTEXT_MAX)
            {
                isLeaf = true;
                continue;
            }

            _roles[i] = isLeaf
                ? evaluator.RoleOf(process, chain[i], NativeRole.None)
                : evaluator.RoleOf(process, chain[i] - 1, _roles[i - 1]);
            isLeaf = false;
        }

        return _roles.AsSpan(0, chain.Length);
    }
}
