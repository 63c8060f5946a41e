namespace Viperf.Core.Symbols;

/// <summary>What was wrong with files, one line each. A recording can have any number of modules that say the same.</summary>
internal sealed class WarningList
{
    private readonly List<string> _texts = [];
    private readonly HashSet<string> _known = [];

    /// <summary>The texts in the order in which they were first added.</summary>
    public IReadOnlyList<string> Texts => _texts;

    /// <summary>Adds a text, unless it is there already or empty.</summary>
    public void Add(string text)
    {
        if (text.Length > 0 && _known.Add(text))
        {
            _texts.Add(text);
        }
    }
}
