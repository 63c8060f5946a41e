using Parquet;
using Parquet.Schema;

namespace Viperf.Core.Export.Rows;

/// <summary>The columns of the group of rows that is being filled.</summary>
internal sealed class ParquetColumns
{
    private const double NanosecondsPerSecond = 1e9;

    /// <summary>Rows of a group, and frames on the stacks of all of them: bounds what is in memory.</summary>
    private const int MostRows = 128 * 1024;
    private const int MostFrames = 1024 * 1024;

    private readonly DataField<double> _timeField = new(Columns.Time);
    private readonly DataField<long> _nanosecondsField = new(Columns.Nanoseconds);
    private readonly DataField<string> _eventField = Text(Columns.Event);
    private readonly DataField<int> _pidField = new(Columns.Pid);
    private readonly DataField<int> _tidField = new(Columns.Tid);
    private readonly DataField<string> _processField = Text(Columns.Process);
    private readonly DataField<string> _threadField = Text(Columns.Thread);
    private readonly DataField<int> _cpuField = new(Columns.Cpu, nullable: true);
    private readonly DataField<long> _periodField = new(Columns.Period);
    private readonly DataField<string> _kindField = Text(Columns.Kind);
    private readonly DataField<string> _functionField = Text(Columns.Function);
    private readonly DataField<string> _fileField = Text(Columns.File);
    private readonly DataField<int> _lineField = new(Columns.Line, nullable: true);
    private readonly DataField<string> _frameField = Text("element");

    private readonly string _eventName;
    private readonly List<SampleRow> _rows = [];
    private readonly List<StackText> _stacks = [];
    private int _frames;

    /// <summary>Makes columns without rows.</summary>
    /// <param name="eventName">What the event of all samples is called.</param>
    public ParquetColumns(string eventName)
    {
        _eventName = eventName;
        Schema = new ParquetSchema(
            _timeField, _nanosecondsField, _eventField, _pidField, _tidField, _processField, _threadField, _cpuField, _periodField,
            _kindField, _functionField, _fileField, _lineField, new ListField(Columns.Stack, _frameField));
    }

    /// <summary>What the columns are.</summary>
    public ParquetSchema Schema { get; }

    /// <summary>True if the group is to be written.</summary>
    public bool IsFull => _rows.Count >= MostRows || _frames >= MostFrames;

    /// <summary>Adds a row.</summary>
    public void Add(in SampleRow row, StackText stack)
    {
        _rows.Add(row);
        _stacks.Add(stack);
        _frames += stack.Frames.Length;
    }

    /// <summary>Writes the rows as a group, and begins the next one.</summary>
    public async Task WriteAsync(ParquetWriter writer)
    {
        using (var group = writer.CreateRowGroup())
        {
            await group.WriteAsync<double>(_timeField, Of(static row => row.SinceFirst / NanosecondsPerSecond));
            await group.WriteAsync<long>(_nanosecondsField, Of(static row => Signed(row.Time)));
            await group.WriteAsync(_eventField, Of(_ => _eventName));
            await group.WriteAsync<int>(_pidField, Of(static row => row.Thread.Pid));
            await group.WriteAsync<int>(_tidField, Of(static row => row.Thread.Tid));
            await group.WriteAsync(_processField, Of(static row => ExportText.WellFormed(row.Thread.Process)));
            await group.WriteAsync(_threadField, Of(static row => row.ThreadName));
            await group.WriteAsync<int>(_cpuField, Of(static row => row.Cpu));
            await group.WriteAsync<long>(_periodField, Of(static row => Signed(row.Period)));
            await group.WriteAsync(_kindField, OfStacks(static stack => stack.Kind));
            await group.WriteAsync(_functionField, OfStacks(static stack => stack.Function));
            await group.WriteAsync(_fileField, OfStacks(static stack => stack.File));
            await group.WriteAsync<int>(_lineField, OfStacks(static stack => stack.Line));
            await group.WriteAsync(_frameField, AllFrames(out int[] levels), levels);
            group.CompleteValidate();
        }

        _rows.Clear();
        _stacks.Clear();
        _frames = 0;
    }

    private static DataField<string> Text(string name) => new(name, nullable: false);

    /// <summary>The format's usual integers are signed; no real time or period is beyond them.</summary>
    private static long Signed(ulong value) => (long)Math.Min(value, long.MaxValue);

    private T[] Of<T>(Func<SampleRow, T> valueOf)
    {
        var values = new T[_rows.Count];
        for (int row = 0; row < values.Length; row++)
        {
            values[row] = valueOf(_rows[row]);
        }

        return values;
    }

    private T[] OfStacks<T>(Func<StackText, T> valueOf)
    {
        var values = new T[_stacks.Count];
        for (int row = 0; row < values.Length; row++)
        {
            values[row] = valueOf(_stacks[row]);
        }

        return values;
    }

    /// <summary>The frames of all stacks one after the other.</summary>
    /// <param name="levels">Of each frame 0 if a stack begins with it, else 1.</param>
    private string[] AllFrames(out int[] levels)
    {
        string[] frames = new string[_frames];
        levels = new int[_frames];
        int at = 0;
        foreach (var stack in _stacks)
        {
            stack.Frames.CopyTo(frames, at);
            levels.AsSpan(at + 1, stack.Frames.Length - 1).Fill(1);
            at += stack.Frames.Length;
        }

        return frames;
    }
}
