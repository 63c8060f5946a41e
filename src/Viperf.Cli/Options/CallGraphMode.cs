using System.Globalization;
using Viperf.Core;
using Viperf.Core.Recording;

namespace Viperf.Cli.Options;

/// <summary>What perf record's <c>--call-graph</c> takes: how call chains come about, and how much of them.</summary>
internal sealed record CallGraphMode
{
    /// <summary>perf's help for it, as far as viperf has it.</summary>
    public const string Grammar = "fp[,FRAMES]|dwarf[,SIZE]";

    /// <summary>perf's size of a stack dump where none is asked for.</summary>
    public const int DefaultStackDump = 8192;

    /// <summary>Frames at most; null for the kernel's own limit.</summary>
    public int? MaxStack { get; private init; }

    /// <summary>Bytes of stack that each sample copies; 0 for call chains by frame pointers.</summary>
    public int StackDump { get; private init; }

    /// <summary>Reads the option's value as perf does; null for an option that was not given.</summary>
    /// <exception cref="UserErrorException">There is no such mode or size.</exception>
    public static CallGraphMode? Parse(string? text)
    {
        if (text == null)
        {
            return null;
        }

        // As strtok does: commas beside one another are one, and perf looks at no more than two words.
        string[] words = text.Split(',', StringSplitOptions.RemoveEmptyEntries);
        string? size = words.Length > 1 ? words[1] : null;
        return words.Length == 0 ? throw Unknown(text) : words[0] switch
        {
            "fp" => new CallGraphMode { MaxStack = size == null ? null : ReadMaxStack(text, size) },
            "dwarf" => new CallGraphMode { StackDump = size == null ? DefaultStackDump : ReadStackDump(size) },
            "lbr" => throw new UserErrorException(
                "--call-graph lbr: viperf does not record branches; it has fp and dwarf", OptionGrammar.UsageError),
            _ => throw Unknown(text),
        };
    }

    private static UserErrorException Unknown(string text) =>
        new($"callchain: Unknown --call-graph option value: {text}; viperf has {Grammar}", OptionGrammar.UsageError);

    private static int ReadStackDump(string text)
    {
        ulong? rounded = ReadNumber(text) is { } size and <= RecordOptions.LargestStackDump ? (size + 7) & ~7UL : null;
        return rounded is > 0 and <= RecordOptions.LargestStackDump
            ? (int)rounded
            : throw new UserErrorException(
                $"callchain: Incorrect stack dump size (max {RecordOptions.LargestStackDump}): {text}", OptionGrammar.UsageError);
    }

    /// <summary>perf drops a limit that is no lower than the kernel's, which the kernel would refuse.</summary>
    private static int? ReadMaxStack(string text, string word)
    {
        ulong frames = ReadNumber(word)
            ?? throw new UserErrorException($"--call-graph {text}: '{word}' is no number of frames", OptionGrammar.UsageError);
        return frames < (ulong)Recorder.StackLimit() ? (int)frames : null;
    }

    /// <summary>A number as strtoul takes it: decimal, 0x and hexadecimal, or 0 and octal.</summary>
    private static ulong? ReadNumber(string text)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong hex)
                ? hex
                : null;
        }

        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
        {
            return null;
        }

        if (text[0] != '0')
        {
            return number;
        }

        ulong octal = 0;
        foreach (char digit in text)
        {
            if (digit > '7' || octal > ulong.MaxValue >> 3)
            {
                return null;
            }

            octal = (octal << 3) | (uint)(digit - '0');
        }

        return octal;
    }
}
