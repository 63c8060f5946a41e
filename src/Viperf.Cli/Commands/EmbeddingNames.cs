using Viperf.Core;

namespace Viperf.Cli.Commands;

/// <summary>Names for a recording that was just made: what goes wrong with them costs the names, not the recording.</summary>
internal static class EmbeddingNames
{
    /// <summary>Puts the names in.</summary>
    /// <param name="embed">Does it.</param>
    /// <param name="warn">Takes the reason why there are none.</param>
    public static void Try(Action embed, Action<string> warn)
    {
        try
        {
            embed();
        }
        catch (UserErrorException problem)
        {
            warn($"{problem.Message} ({ProgramName.Current} archive can add them later)");
        }
    }
}
