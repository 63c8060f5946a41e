using System.Text.Json;
using Viperf.Core.Profiles;

namespace Viperf.Core.Export;

/// <summary>
/// Makes the data of a page that shows a profile. What is in it and what it means is written in
/// <c>src/viewer/src/data/profile.ts</c>; all strings are of one line and harmless to look at, sources excepted.
/// </summary>
public sealed class ViewerData
{
    private readonly ExportSource _source;
    private readonly ViewerContents _contents;
    private readonly ViewerTrees _trees;
    private readonly IReadOnlyList<ExportFunction> _functions;
    private readonly ViewerFiles _files;
    private readonly InternTable<int> _modules = new();

    /// <summary>Events that have samples, as indexes in <see cref="Profile.Events"/>; others are not in the page.</summary>
    private readonly InternTable<int> _events = new();

    private ViewerData(ExportSource source, ViewerContents contents)
    {
        _source = source;
        _contents = contents;
        _trees = new ViewerTrees(source, contents.Modes);
        _functions = [.. Enumerable.Range(0, source.Functions.Count).Select(index => source.Functions[index])];
        int first = contents.Modes.Select(static mode => mode.Mode).ToList().IndexOf(contents.Mode);
        var modes = Enumerable.Range(0, contents.Modes.Count).OrderBy(mode => mode != first);
        _files = new ViewerFiles(_functions, [.. modes.Select(_trees.CountFunctions)], contents.Sources);
    }

    /// <summary>Makes the data.</summary>
    /// <param name="source">The samples, of a profile that has its <see cref="SampleSeries"/>.</param>
    /// <param name="contents">What is shown beside them.</param>
    /// <returns>Compressed bytes, for <see cref="ViewerPage"/>.</returns>
    public static byte[] Make(ExportSource source, ViewerContents contents)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(contents);
        return new ViewerData(source, contents).Pack(
            source.Profile.Series ?? throw new ArgumentException("the profile has no series of samples", nameof(source)));
    }

    private byte[] Pack(SampleSeries series)
    {
        var columns = new ViewerContainer();
        columns.Add("function.kind", _functions.Select(static function => (int)function.Kind));
        columns.Add("function.module", _functions.Select(function => _modules.Intern(function.Module)));
        columns.Add("function.file", _functions.Select(_files.IndexOf));
        columns.Add("function.line", _functions.Select(static function => function.FirstLine));
        columns.Add("frame.function", _trees.Frames.Select(static frame => frame.Function));
        columns.Add("frame.line", _trees.Frames.Select(static frame => frame.Line));
        for (int i = 0; i < _contents.Modes.Count; i++)
        {
            int mode = i;
            string name = _contents.Modes[mode].Mode;
            var walk = _trees.WalkOf(mode);
            columns.Add($"stack.{name}", Enumerable.Range(0, _trees.StackCount).Select(stack => walk.PlaceOf(_trees.NodeOf(stack, mode))));
            columns.Add($"{name}.parent", walk.Parents);
            columns.Add($"{name}.frame", walk.Frames);
        }

        AddSamples(columns, series);
        return columns.Pack(WriteHeader);
    }

    private void AddSamples(ViewerContainer columns, SampleSeries series)
    {
        var rows = _source.Profile.Samples;
        bool[] isTaken = new bool[rows.Count];
        int[] thread = new int[rows.Count];
        int[] eventOf = new int[rows.Count];
        foreach (int row in _source.Rows)
        {
            isTaken[row] = true;
            thread[row] = _source.ThreadOf(row);
            eventOf[row] = _events.Intern(rows.KeyOf(row).Event);
        }

        int[] samples = [.. Enumerable.Range(0, series.Count).Where(sample => isTaken[series.RowOf(sample)])];
        ulong start = samples.Length > 0 ? series.TimeOf(samples[0]) : 0;
        columns.Add("sample.time", samples.Select(sample => Bounded(series.TimeOf(sample) - start)));
        columns.Add("sample.thread", samples.Select(sample => thread[series.RowOf(sample)]));
        columns.Add("sample.stack", samples.Select(sample => _trees.StackOf(series.RowOf(sample))));
        columns.Add("sample.weight", samples.Select(sample => Bounded(series.PeriodOf(sample))));
        columns.Add("sample.event", samples.Select(sample => eventOf[series.RowOf(sample)]));
    }

    private void WriteHeader(Utf8JsonWriter json)
    {
        WriteString(json, "title", _contents.Title);
        json.WriteStartArray("facts");
        foreach (var (name, value) in _contents.Facts)
        {
            json.WriteStartArray();
            json.WriteStringValue(HarmlessText.Of(name));
            json.WriteStringValue(HarmlessText.Of(value));
            json.WriteEndArray();
        }

        json.WriteEndArray();
        WriteStrings(json, "warnings", _contents.Warnings);
        WriteObjects(json, "events", Events, index =>
        {
            WriteString(json, "name", _source.Profile.Events[index].Name);
            json.WriteBoolean("isClock", _source.Profile.Events[index].IsClock);
        });
        WriteStrings(json, "modes", _contents.Modes.Select(static mode => mode.Mode));
        WriteString(json, "mode", _contents.Mode);
        WriteObjects(json, "threads", _source.Threads, thread =>
        {
            json.WriteNumber("pid", thread.Pid);
            json.WriteNumber("tid", thread.Tid);
            WriteString(json, "name", thread.Name);
            WriteString(json, "process", thread.Process);
        });
        WriteStrings(json, "functionNames", _functions.Select(static function => function.Name));
        WriteStrings(json, "modules", Enumerable.Range(0, _modules.Count).Select(index => _source.Profile.Modules[_modules[index]].Name));
        WriteObjects(json, "files", _files.All, file =>
        {
            WriteString(json, "name", file.Name);
            WriteString(json, "path", file.Path);
            json.WriteString("text", file.Source.Text);
            WriteString(json, "note", file.Source.Note);
        });
        WriteObjects(json, "quality", Events.Select(index => _contents.Quality[index]), quality =>
        {
            json.WriteNumber("samples", quality.Samples);
            json.WriteNumber("complete", quality.Complete);
            json.WriteNumber("withoutUser", quality.WithoutUser);
            WriteObjects(json, "stacks", quality.Stacks, group => WriteGroup(json, group));
            WriteObjects(json, "names", quality.Names, group => WriteGroup(json, group));
        });
    }

    private IEnumerable<int> Events => Enumerable.Range(0, _events.Count).Select(index => _events[index]);

    private static void WriteGroup(Utf8JsonWriter json, in ViewerGroup group)
    {
        json.WriteNumber("samples", group.Samples);
        WriteString(json, "reason", group.Reason);
        WriteString(json, "remedy", group.Remedy);
        json.WriteBoolean("isGood", group.IsGood);
    }

    private static void WriteObjects<T>(Utf8JsonWriter json, string name, IEnumerable<T> values, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStartObject();
            write(value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(HarmlessText.Of(value));
        }

        json.WriteEndArray();
    }

    private static void WriteString(Utf8JsonWriter json, string name, string? value) =>
        json.WriteString(name, value is null ? null : HarmlessText.Of(value));

    private static long Bounded(ulong value) => (long)Math.Min(value, ViewerContainer.MostValue);
}
