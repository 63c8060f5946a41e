using System.Text;
using Viperf.Core.Linux;

namespace Viperf.Core.Python;

/// <summary>What the first line of a script says of the program that runs it, as the kernel reads it.</summary>
/// <param name="Interpreter">The path behind <c>#!</c>.</param>
/// <param name="Argument">The rest of the line, which the program gets as one argument; empty if there is none.</param>
internal readonly record struct ScriptHead(string Interpreter, string Argument)
{
    /// <summary>BINPRM_BUF_SIZE: the kernel looks at no more of a file.</summary>
    private const int HeadBytes = 256;

    private static ReadOnlySpan<byte> Blanks => " \t"u8;

    /// <summary>Reads a file's head; null if it is no script, or not one that the kernel would start.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static ScriptHead? Of(string path)
    {
        using var file = new FileSource(path);
        Span<byte> head = stackalloc byte[HeadBytes];
        return Parse(head[..file.ReadAt(0, head)]);
    }

    /// <summary>Reads the first bytes of a file; more than <see cref="HeadBytes"/> do not count.</summary>
    internal static ScriptHead? Parse(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("#!"u8))
        {
            return null;
        }

        bool isCut = head.Length >= HeadBytes;
        var line = head[2..Math.Min(head.Length, HeadBytes)];
        int end = line.IndexOfAny((byte)'\n', (byte)0);
        isCut &= end < 0;
        line = (end < 0 ? line : line[..end]).TrimStart(Blanks);
        int space = line.IndexOfAny(Blanks);
        if (line.IsEmpty || (isCut && space < 0))
        {
            return null; // a path whose end is not seen may be another one's start
        }

        return space < 0
            ? new ScriptHead(Encoding.UTF8.GetString(line), "")
            : new ScriptHead(Encoding.UTF8.GetString(line[..space]), Encoding.UTF8.GetString(line[space..].Trim(Blanks)));
    }

    /// <summary>
    /// The program that <c>/usr/bin/env</c> starts for this line; null if it starts none. Without <c>-S</c> the whole
    /// argument is one name: the kernel does not split it.
    /// </summary>
    public string? ProgramOfEnv()
    {
        string text = Argument;
        foreach (string option in (ReadOnlySpan<string>)["-S", "-vS", "--split-string=", "--split-string "])
        {
            if (text.StartsWith(option, StringComparison.Ordinal))
            {
                return FirstOperand(Words(text[option.Length..]));
            }
        }

        return FirstOperand([text]);
    }

    private static string? FirstOperand(List<string> words)
    {
        for (int i = 0; i < words.Count; i++)
        {
            string word = words[i];
            if (word is "-u" or "-C" or "-a" or "--unset" or "--chdir" or "--argv0")
            {
                i++; // and its value
            }
            else if (word.Length > 0 && word[0] != '-' && !word.Contains('=', StringComparison.Ordinal))
            {
                return word;
            }
        }

        return null;
    }

    /// <summary>Divides at blanks; quotes keep them.</summary>
    private static List<string> Words(string text)
    {
        List<string> words = [];
        var word = new StringBuilder();
        char quote = '\0';
        bool begun = false;
        foreach (char c in text)
        {
            if (quote != '\0' ? c == quote : c is '"' or '\'')
            {
                quote = quote == '\0' ? c : '\0';
                begun = true;
            }
            else if (quote == '\0' && c is ' ' or '\t')
            {
                if (begun)
                {
                    words.Add(word.ToString());
                }

                word.Clear();
                begun = false;
            }
            else
            {
                word.Append(c);
                begun = true;
            }
        }

        if (begun)
        {
            words.Add(word.ToString());
        }

        return words;
    }
}
