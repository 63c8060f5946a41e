using System.Text.RegularExpressions;

namespace Viperf.EndToEnd.Script;

/// <summary>One sample of perf script's text.</summary>
/// <param name="Head">Command, thread, time, period and event, spaces folded.</param>
/// <param name="Frames">Leaf first.</param>
internal sealed record ScriptSample(string Head, IReadOnlyList<ScriptFrame> Frames)
{
    /// <summary>The leaf's symbol; empty without frames.</summary>
    public string Leaf => Frames.Count == 0 ? "" : Frames[0].Symbol;

    /// <summary>Reads the output of <c>script</c> of a recording with call chains.</summary>
    /// <exception cref="FormatException">A line is neither head nor frame.</exception>
    public static List<ScriptSample> Parse(string output)
    {
        var samples = new List<ScriptSample>();
        List<ScriptFrame>? frames = null;
        foreach (string line in output.Split('\n'))
        {
            if (line.Length == 0)
            {
                frames = null;
            }
            else if (line[0] == '\t')
            {
                frames!.Add(ScriptFrame.Parse(line));
            }
            else if (frames == null)
            {
                frames = [];
                samples.Add(new ScriptSample(Regex.Replace(line.Trim(), " +", " "), frames));
            }
            else
            {
                throw new FormatException($"not a line of script: {line}");
            }
        }

        return samples;
    }
}

/// <summary>One frame of perf script's text.</summary>
/// <param name="Address">Hexadecimal digits.</param>
/// <param name="Symbol">Without the offset.</param>
/// <param name="File">Path, or a name in brackets.</param>
/// <param name="IsStart">True if the offset is 0.</param>
internal sealed record ScriptFrame(string Address, string Symbol, string File, bool IsStart)
{
    /// <summary>True for a value from PERF_CONTEXT_MAX (-4095) up, which is no address.</summary>
    public bool IsLikeMarker => Convert.ToUInt64(Address, 16) >= unchecked((ulong)-4095L);

    /// <summary>True for an address in the kernel's half.</summary>
    public bool IsKernel => Convert.ToUInt64(Address, 16) >> 63 != 0;

    /// <summary>True for a function of Python's.</summary>
    public bool IsPython => Symbol.StartsWith("py::", StringComparison.Ordinal);

    /// <summary>Reads a line such as <c>\t  1a0b2 name+0x12 (/path)</c>.</summary>
    public static ScriptFrame Parse(string line)
    {
        var parts = Regex.Match(line, @"^\t *([0-9a-f]+) (.*?)(\+0x[0-9a-f]+)? \(([^)]*)\)$");
        return parts.Success
            ? new ScriptFrame(parts.Groups[1].Value, parts.Groups[2].Value, parts.Groups[4].Value, parts.Groups[3].Value == "+0x0")
            : throw new FormatException($"not a frame of script: {line}");
    }
}
