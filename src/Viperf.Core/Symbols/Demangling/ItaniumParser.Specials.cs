using static Viperf.Core.Symbols.Demangling.ItaniumKind;

namespace Viperf.Core.Symbols.Demangling;

// What compilers make beside what programmers write.
internal sealed partial class ItaniumParser
{
    /// <summary>&lt;special-name&gt;: what the compiler made for something else.</summary>
    private int SpecialName()
    {
        if (Take('G', 'R'))
        {
            int name = Name();
            int number = name == 0 ? -1 : IsAtEnd ? 0 : SequenceNumber();
            return number < 0 ? 0 : _tree.Add(ReferenceTemporary, number, name);
        }

        if (_at + 2 > _text.Length)
        {
            return 0;
        }

        int special = ItaniumWords.SpecialOf(_text.AsSpan(_at, 2));
        if (special < 0)
        {
            return 0;
        }

        char letter = PeekNext;
        bool isOfG = Peek == 'G';
        _at += 2;
        switch (letter)
        {
            case 'V' or 'T' or 'I' or 'S' or 'F' or 'J' when !isOfG:
                return Pair2(special, Type());
            case 'C':
                int derived = Type();
                if (derived == 0 || Number() < 0 || !Take('_'))
                {
                    return 0;
                }

                int part = Type();
                return part == 0 ? 0 : _tree.Add(Special, special, part, derived);
            case 'h' or 'v':
                return CallOffset(letter) ? Pair2(special, Encoding()) : 0;
            case 'c':
                return CallOffset('\0') && CallOffset('\0') ? Pair2(special, Encoding()) : 0;
            case 'A' when !isOfG:
                return Pair2(special, TemplateArgument());
            case 'A':
                return Pair2(special, Encoding());
            case 'I':
                return Pair2(special, ModuleName(0));
            case 'T':
                if (Take('n'))
                {
                    special = ItaniumWords.SpecialOf("GTn");
                }
                else if (IsAtEnd)
                {
                    return 0;
                }
                else
                {
                    _at++; // t, or what a later compiler may say there
                }

                return Pair2(special, Encoding());
            default: // of GV, TH, TW
                return Pair2(special, Name());
        }
    }

    private int Pair2(int special, int child) => child == 0 ? 0 : _tree.Add(Special, special, child);

    /// <summary>&lt;call-offset&gt;, which is not shown.</summary>
    /// <param name="letter">h or v where it was read already.</param>
    private bool CallOffset(char letter)
    {
        if (letter == '\0' && !IsAtEnd)
        {
            letter = _text[_at++];
        }

        return letter switch
        {
            'h' => SkipSignedNumber() && Take('_'),
            'v' => SkipSignedNumber() && Take('_') && SkipSignedNumber() && Take('_'),
            _ => false,
        };
    }

    private bool SkipSignedNumber()
    {
        Take('n');
        int start = _at;
        while (char.IsAsciiDigit(Peek))
        {
            _at++;
        }

        return _at > start;
    }

    /// <summary>What compilers append to names of parts and copies of functions: <c>.cold</c>, <c>.part.0</c>.</summary>
    private int CloneSuffix(int symbol)
    {
        int start = _at++;
        while (char.IsAsciiLetter(Peek) || Peek == '_')
        {
            _at++;
        }

        if (_at == start + 1 && !char.IsAsciiDigit(Peek))
        {
            return 0;
        }

        if (_at == start + 1)
        {
            SkipDigits();
        }

        while (Peek == '.' && char.IsAsciiDigit(PeekNext))
        {
            _at++;
            SkipDigits();
        }

        return _tree.Add(Clone, symbol, start, _at - start);
    }
}
