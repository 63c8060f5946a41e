namespace Viperf.Abi;

/// <summary>The versions of CPython that the agent knows: minor numbers of Python 3.</summary>
internal static class AgentVersions
{
    public const int OldestMinor = 8;
    public const int NewestMinor = 15;
}
