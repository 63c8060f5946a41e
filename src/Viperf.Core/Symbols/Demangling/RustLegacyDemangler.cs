using System.Globalization;
using System.Text;
using Viperf.Formats.Bytes;

namespace Viperf.Core.Symbols.Demangling;

/// <summary>
/// Demangles Rust's first scheme: a path as the Itanium C++ ABI writes nested names, whose last part is a hash, with
/// characters that assemblers do not take spelt out.
/// </summary>
internal static class RustLegacyDemangler
{
    private const string Start = "_ZN";
    private const int HashLength = 17;

    /// <summary>A true hash has at least so many different digits; a C++ name that only looks like one seldom has.</summary>
    private const int HashDigits = 5;

    /// <summary>Demangles a symbol; null if it is none of this scheme.</summary>
    public static string? Demangle(string mangled, DemangledText output)
    {
        if (!mangled.StartsWith(Start, StringComparison.Ordinal) || mangled.Length > Limits.NameBytes)
        {
            return null;
        }

        int end = EndOf(mangled, out int hash);
        if (end < 0 || !IsHash(mangled.AsSpan(hash, HashLength)) || !IsSuffix(mangled.AsSpan(end)))
        {
            return null;
        }

        output.Clear();
        int at = Start.Length;
        while (mangled[at] != 'E')
        {
            var part = PartAt(mangled, ref at);
            if (part.Overlaps(mangled.AsSpan(hash, HashLength)))
            {
                break;
            }

            if (output.Length != 0)
            {
                output.Add("::");
            }

            Write(part, output);
        }

        return output.Length == 0 || output.IsTooLong ? null : output.ToString();
    }

    /// <summary>The place behind the path, or -1 if there is none.</summary>
    /// <param name="mangled">The symbol.</param>
    /// <param name="hash">Where the last part begins.</param>
    private static int EndOf(string mangled, out int hash)
    {
        hash = 0;
        int at = Start.Length;
        int length = 0;
        while (at < mangled.Length && mangled[at] != 'E')
        {
            var part = PartAt(mangled, ref at);
            if (part.IsEmpty)
            {
                return -1;
            }

            foreach (char character in part)
            {
                if (!char.IsAsciiLetterOrDigit(character) && character is not ('_' or '.' or ':' or '$'))
                {
                    return -1;
                }
            }

            length = part.Length;
            hash = at - length;
        }

        return at < mangled.Length && length == HashLength ? at + 1 : -1;
    }

    /// <summary>The part of the path behind the length at a place; empty if there is none.</summary>
    private static ReadOnlySpan<char> PartAt(string mangled, ref int at)
    {
        int length = 0;
        while (at < mangled.Length && char.IsAsciiDigit(mangled[at]) && length <= mangled.Length)
        {
            length = (length * 10) + mangled[at++] - '0';
        }

        if (length > mangled.Length - at)
        {
            return default;
        }

        at += length;
        return mangled.AsSpan(at - length, length);
    }

    private static bool IsHash(ReadOnlySpan<char> part)
    {
        int seen = 0;
        foreach (char digit in part[1..])
        {
            if (!char.IsAsciiHexDigitLower(digit))
            {
                return false;
            }

            seen |= 1 << (char.IsAsciiDigit(digit) ? digit - '0' : digit - 'a' + 10);
        }

        return part[0] == 'h' && int.PopCount(seen) >= HashDigits;
    }

    /// <summary>What compilers append to names of parts and copies: it begins with a dot, and is not shown.</summary>
    private static bool IsSuffix(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return true;
        }

        foreach (char character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('_' or '.' or '$' or '@'))
            {
                return false;
            }
        }

        return text[0] == '.';
    }

    private static void Write(ReadOnlySpan<char> part, DemangledText output)
    {
        if (part.StartsWith("_$"))
        {
            part = part[1..]; // put there because identifiers cannot begin with what it stands before
        }

        while (!part.IsEmpty)
        {
            if (part[0] == '$')
            {
                int length = WriteSpelt(part, output);
                if (length == 0)
                {
                    output.Add(part); // nothing that rustc writes: as it is
                    return;
                }

                part = part[length..];
            }
            else if (part.StartsWith(".."))
            {
                output.Add("::");
                part = part[2..];
            }
            else
            {
                output.Add(part[0]);
                part = part[1..];
            }
        }
    }

    /// <summary>Writes a character that is spelt out between dollars; returns the length of that, or 0 if it is none.</summary>
    private static int WriteSpelt(ReadOnlySpan<char> part, DemangledText output)
    {
        int end = part[1..].IndexOf('$');
        if (end < 0)
        {
            return 0;
        }

        var spelt = part.Slice(1, end);
        if (spelt.StartsWith("u") && spelt.Length > 1 && !spelt.ContainsAnyInRange('A', 'F')
            && int.TryParse(spelt[1..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
            && Rune.IsValid(value) && !Rune.IsControl(new Rune(value)))
        {
            Span<char> characters = stackalloc char[2];
            output.Add(characters[..new Rune(value).EncodeToUtf16(characters)]);
            return end + 2;
        }

        char character = spelt switch
        {
            "C" => ',',
            "SP" => '@',
            "BP" => '*',
            "RF" => '&',
            "LT" => '<',
            "GT" => '>',
            "LP" => '(',
            "RP" => ')',
            _ => '\0',
        };
        if (character == '\0')
        {
            return 0;
        }

        output.Add(character);
        return end + 2;
    }
}
