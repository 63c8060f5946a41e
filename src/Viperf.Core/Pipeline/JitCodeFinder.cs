using Viperf.Core.Processes;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;

namespace Viperf.Core.Pipeline;

/// <summary>Tells which jitted code lay at an address at a moment.</summary>
public interface IJitCodeFinder
{
    /// <summary>Finds the code at an address. Allocates nothing for code that was found before.</summary>
    /// <param name="process">The process, at the moment of the sample.</param>
    /// <param name="address">An address that <see cref="ProcessState.TryFind"/> has just found in it.</param>
    /// <param name="time">Nanoseconds of CLOCK_MONOTONIC; null where the recording's clock is another.</param>
    /// <returns>Index in <see cref="Profile.JitCodes"/>, or <see cref="JitCodeTable.None"/>.</returns>
    int Find(ProcessState process, ulong address, ulong? time);
}

/// <summary>Finds jitted code in the jitdumps of its process and of those that it was forked from.</summary>
/// <param name="dumps">The files.</param>
/// <param name="countsMissed">False where what is looked up is no sampled address, and nobody misses what is not there.</param>
public sealed class JitCodeFinder(JitDumps dumps, bool countsMissed = true) : IJitCodeFinder
{
    /// <inheritdoc/>
    public int Find(ProcessState process, ulong address, ulong? time)
    {
        var processDumps = process.JitDumps;
        foreach (var dump in processDumps)
        {
            ulong? until = time is { } known ? Math.Min(known, dump.Until) : null;
            int code = dumps.Find(dump.Module, address, until);
            if (code != JitCodeTable.None)
            {
                return code;
            }
        }

        if (countsMissed && processDumps.Length > 0)
        {
            dumps.AddMissed(processDumps[0].Module, address);
        }

        return JitCodeTable.None;
    }
}
