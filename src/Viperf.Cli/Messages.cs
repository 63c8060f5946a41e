namespace Viperf.Cli;

/// <summary>What the commands say besides their results: one line each, on stderr.</summary>
internal static class Messages
{
    /// <summary>Of many warnings of one kind, the first few tell the story.</summary>
    private const int MostWarnings = 5;

    /// <summary>Prints a line for each warning, or, of many, for the first few and the number of the others.</summary>
    public static void SayAll(string verb, IEnumerable<string> warnings)
    {
        string[] all = [.. warnings];
        int shown = all.Length <= MostWarnings + 1 ? all.Length : MostWarnings;
        foreach (string warning in all.AsSpan(0, shown))
        {
            Say(verb, warning);
        }

        if (shown < all.Length)
        {
            Say(verb, $"and {all.Length - shown} more of this kind");
        }
    }

    /// <summary>Prints one line that says which command speaks.</summary>
    /// <param name="verb">The command's name; empty for the program as a whole.</param>
    /// <param name="text">What it says.</param>
    public static void Say(string verb, string text)
    {
        string speaker = verb.Length == 0 ? ProgramName.Current : $"{ProgramName.Current} {verb}";
        Console.Error.WriteLine($"{speaker}: {text.ReplaceLineEndings(" ")}");
    }
}
