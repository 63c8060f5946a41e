using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>What goes wrong while a recording is read: counted, and said where it helps.</summary>
internal sealed class RecordingLog
{
    /// <summary>How many bad records are described one by one.</summary>
    private const int DescribedBadRecords = 3;

    /// <summary>A hostile file could make each feature and attr warn.</summary>
    private const int MostWarnings = 100;

    /// <summary>perf's own types end at 84; what lies above 127 is no type of any version.</summary>
    private const int RecordTypes = 128;

    private readonly List<string> _warnings = [];
    private readonly ulong[] _records = new ulong[RecordTypes];

    /// <summary>What <see cref="_records"/> held when the recording's start was read, which is read once.</summary>
    private readonly ulong[] _startRecords = new ulong[RecordTypes];

    /// <summary>How many records of a type there were, by the type's number.</summary>
    public IReadOnlyList<ulong> Records => _records;

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

    /// <summary>Counts a record.</summary>
    public void Count(RecordType type)
    {
        if ((uint)type < RecordTypes)
        {
            _records[(int)type]++;
        }
    }

    /// <summary>Counts a record of the recording's start.</summary>
    public void CountStart(RecordType type)
    {
        Count(type);
        _records.CopyTo(_startRecords, 0);
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
        _startRecords.CopyTo(_records, 0);
        BadRecords = 0;
        UnknownEvents = 0;
        LostCompressed = 0;
    }
}
