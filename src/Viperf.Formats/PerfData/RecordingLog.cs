using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>What goes wrong while a recording is read: counted, and said where it helps.</summary>
internal sealed class RecordingLog
{
    /// <summary>How many bad records are described one by one.</summary>
    private const int DescribedBadRecords = 3;

    /// <summary>A hostile file could make each feature and attr warn.</summary>
    private const int MostWarnings = 100;

    private readonly List<string> _warnings = [];

    public IReadOnlyList<string> Warnings => _warnings;

    public ulong BadRecords { get; private set; }

    public ulong UnknownEvents { get; set; }

    /// <summary>Compressed records that could not be decompressed.</summary>
    public ulong LostCompressed { get; set; }

    /// <summary>True if it was said that the recording's end is missing: a record cut in two is then no news.</summary>
    public bool IsIncomplete { get; private set; }

    /// <summary>Says that the recording's end is missing.</summary>
    public void WarnOfMissingEnd(string text)
    {
        IsIncomplete = true;
        Warn(text);
    }

    /// <summary>Says <paramref name="text"/> once, however often the recording is read.</summary>
    public void Warn(string text)
    {
        if (_warnings.Count < MostWarnings && !_warnings.Contains(text))
        {
            _warnings.Add(text);
        }
    }

    public void BadRecord(ParseException problem)
    {
        if (BadRecords++ < DescribedBadRecords)
        {
            Warn("bad record: " + problem.Message);
        }
    }

    /// <summary>The records are read anew.</summary>
    public void Restart()
    {
        BadRecords = 0;
        UnknownEvents = 0;
        LostCompressed = 0;
    }
}
