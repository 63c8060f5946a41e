namespace Viperf.Core.Sources;

/// <summary>Which lines a definition in Python source takes, by indentation as Python has it.</summary>
public static class PythonBlock
{
    private static readonly string[] s_definitions = ["def", "class", "async"];

    /// <summary>
    /// The last line of what begins at a line: of a function or class, decorators before it included, its whole block; of
    /// anything else, such as a lambda's line, the rest of the statement.
    /// </summary>
    /// <param name="lines">The source.</param>
    /// <param name="firstLine">Where it begins, counted from 1.</param>
    public static int LastLine(IReadOnlyList<string> lines, int firstLine)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var scan = new Scan(lines, firstLine - 1);
        if (firstLine < 1 || !scan.MoveNext())
        {
            return Math.Min(firstLine, lines.Count);
        }

        int indentation = scan.Indentation;
        while (scan.Text.StartsWith('@') && scan.MoveNext())
        {
            // decorators
        }

        int last = scan.End;
        bool isDefinition = s_definitions.Any(word => scan.Text.StartsWith($"{word} ", StringComparison.Ordinal));
        while (isDefinition && scan.MoveNext() && scan.Indentation > indentation)
        {
            last = scan.End;
        }

        return last + 1;
    }

    /// <summary>Goes from statement to statement: over comments, empty lines, brackets and strings of several lines.</summary>
    private struct Scan(IReadOnlyList<string> lines, int next)
    {
        private const int TabStop = 8;
        private const string Quotes = "\"'";
        private int _next = next;

        /// <summary>Columns before the statement.</summary>
        public int Indentation { get; private set; }

        /// <summary>The statement's first line without these.</summary>
        public string Text { get; private set; } = "";

        /// <summary>Index of its last line.</summary>
        public int End { get; private set; }

        public bool MoveNext()
        {
            while (_next < lines.Count)
            {
                string line = lines[_next];
                string text = line.TrimStart(' ', '\t', '\f');
                if (text.Length == 0 || text[0] == '#')
                {
                    _next++;
                    continue;
                }

                Text = text;
                Indentation = ColumnsBefore(line);
                End = EndOf(_next);
                _next = End + 1;
                return true;
            }

            return false;
        }

        private static int ColumnsBefore(string line)
        {
            int columns = 0;
            foreach (char c in line)
            {
                if (c is not (' ' or '\t'))
                {
                    break;
                }

                columns += c == ' ' ? 1 : TabStop - columns % TabStop;
            }

            return columns;
        }

        /// <summary>Index of the last line of the statement that begins at a line.</summary>
        private readonly int EndOf(int line)
        {
            int depth = 0;
            string? quote = null; // of the string of several lines that is open
            for (; line < lines.Count; line++)
            {
                bool goesOn = ReadLine(lines[line], ref depth, ref quote);
                if (!goesOn && depth <= 0 && quote is null)
                {
                    return line;
                }
            }

            return lines.Count - 1;
        }

        /// <summary>Reads one line; true if a backslash at its end joins the next one to it.</summary>
        private static bool ReadLine(string line, ref int depth, ref string? quote)
        {
            for (int i = 0; i < line.Length; i++)
            {
                char c = line[i];
                if (c == '\\')
                {
                    if (i == line.Length - 1)
                    {
                        return true;
                    }

                    i++;
                }
                else if (quote is not null)
                {
                    if (string.CompareOrdinal(line, i, quote, 0, quote.Length) == 0)
                    {
                        i += quote.Length - 1;
                        quote = null;
                    }
                }
                else if (c == '#')
                {
                    break;
                }
                else if (Quotes.Contains(c))
                {
                    string triple = new(c, 3);
                    quote = string.CompareOrdinal(line, i, triple, 0, triple.Length) == 0 ? triple : c.ToString();
                    i += quote.Length - 1;
                }
                else
                {
                    depth += c is '(' or '[' or '{' ? 1 : c is ')' or ']' or '}' ? -1 : 0;
                }
            }

            if (quote is { Length: 1 })
            {
                quote = null; // it was left open, which Python would refuse
            }

            return false;
        }
    }
}
