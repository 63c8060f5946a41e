namespace Viperf.Cli;

/// <summary>What the commands say besides their results: one line each, on stderr.</summary>
internal static class Messages
{
    /// <summary>Prints one line that says which command speaks.</summary>
    /// <param name="verb">The command's name; empty for the program as a whole.</param>
    /// <param name="text">What it says.</param>
    public static void Say(string verb, string text)
    {
        string speaker = verb.Length == 0 ? ProgramName.Current : $"{ProgramName.Current} {verb}";
        Console.Error.WriteLine($"{speaker}: {text.ReplaceLineEndings(" ")}");
    }
}
