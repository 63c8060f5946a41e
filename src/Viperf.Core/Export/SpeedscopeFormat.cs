using Viperf.Core.Profiles;

namespace Viperf.Core.Export;

/// <summary>
/// The file format of speedscope, https://www.speedscope.app/file-format-schema.json: a sampled profile for each thread, whose
/// frames are functions. Neighbours in time that have one stack are one sample there, as they are one block in its pictures:
/// they fill their thread's time without gaps, so nothing but weights tells where samples end.
/// </summary>
internal static class SpeedscopeFormat
{
    /// <summary>Writes a profile.</summary>
    public static void Write(ExportSource source, Stream output)
    {
        var stacks = new FunctionStacks(source);
        foreach (int row in source.Rows)
        {
            stacks.Of(source.Profile.Samples.KeyOf(row).Stack); // so that all functions are known
        }

        using var file = new JsonFile(output);
        var json = file.Json;
        json.WriteStartObject();
        json.WriteString("$schema", "https://www.speedscope.app/file-format-schema.json");
        json.WriteString("exporter", Producer.NameAndVersion);
        json.WriteString("name", source.Title);
        json.WriteNumber("activeProfileIndex", BusiestThread(source));
        json.WriteStartObject("shared");
        WriteFrames(file, source.Functions);
        json.WriteEndObject();

        json.WriteStartArray("profiles");
        var samples = new SamplesByThread(source);
        for (int thread = 0; thread < source.Threads.Count; thread++)
        {
            WriteThread(file, source, stacks, source.Threads[thread], samples.Of(thread));
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The index of the thread that is shown first: the one with the largest weight.</summary>
    private static int BusiestThread(ExportSource source)
    {
        ulong[] periods = new ulong[source.Threads.Count];
        foreach (int row in source.Rows)
        {
            periods[source.ThreadOf(row)] += source.Profile.Samples.PeriodOf(row);
        }

        return periods.Length == 0 ? 0 : periods.IndexOf(periods.Max());
    }

    /// <summary>
    /// Frames are functions, with the line that their definition begins at: speedscope's table of functions has a row for each
    /// frame, so that one for each line would take functions apart.
    /// </summary>
    private static void WriteFrames(JsonFile file, InternTable<ExportFunction> functions)
    {
        file.Json.WriteStartArray("frames");
        for (int index = 0; index < functions.Count; index++)
        {
            var function = functions[index];
            string place = function.File.Length > 0 ? function.File : function.Place;
            file.Json.WriteStartObject();
            file.Json.WriteString("name", function.Name);
            if (place.Length > 0)
            {
                file.Json.WriteString("file", place);
            }

            if (function.FirstLine > 0)
            {
                file.Json.WriteNumber("line", function.FirstLine);
            }

            file.Json.WriteEndObject();
            file.Pass();
        }

        file.Json.WriteEndArray();
    }

    private static void WriteThread(
        JsonFile file, ExportSource source, FunctionStacks stacks, ExportThread thread, ReadOnlySpan<int> samples)
    {
        var runs = RunsOf(source, stacks, samples);
        var frames = new List<int>();
        ulong total = 0;
        var json = file.Json;
        json.WriteStartObject();
        json.WriteString("type", "sampled");
        json.WriteString("name", $"{thread.Name} ({(thread.Pid == thread.Tid ? $"process {thread.Pid}" : $"process {thread.Pid}, thread {thread.Tid}")})");
        json.WriteString("unit", source.Event.IsClock ? "nanoseconds" : "none");
        json.WriteStartArray("samples");
        foreach (var (stack, period) in runs)
        {
            json.WriteStartArray();
            WriteStack(file, stacks.Stacks, stack, frames);
            json.WriteEndArray();
            total += period;
        }

        json.WriteEndArray();
        json.WriteStartArray("weights");
        foreach (var (_, period) in runs)
        {
            json.WriteNumberValue(period);
            file.Pass();
        }

        json.WriteEndArray();
        json.WriteNumber("startValue", 0);
        json.WriteNumber("endValue", total);
        json.WriteEndObject();
    }

    /// <summary>The stacks of functions in the order of time, with the periods of all samples until the next one.</summary>
    private static List<(int Stack, ulong Period)> RunsOf(ExportSource source, FunctionStacks stacks, ReadOnlySpan<int> samples)
    {
        var series = source.Profile.Series!;
        var runs = new List<(int Stack, ulong Period)>();
        foreach (int sample in samples)
        {
            int stack = stacks.Of(source.Profile.Samples.KeyOf(series.RowOf(sample)).Stack);
            if (runs is [.., var last] && last.Stack == stack)
            {
                runs[^1] = (stack, last.Period + series.PeriodOf(sample));
            }
            else
            {
                runs.Add((stack, series.PeriodOf(sample)));
            }
        }

        return runs;
    }

    /// <summary>Writes a stack's functions, the outermost first.</summary>
    /// <param name="file">Where to.</param>
    /// <param name="stacks">Where the stack is.</param>
    /// <param name="stack">The stack.</param>
    /// <param name="frames">Memory for them.</param>
    private static void WriteStack(JsonFile file, StackTable stacks, int stack, List<int> frames)
    {
        frames.Clear();
        for (; stack != StackTable.Empty; stack = stacks.ParentOf(stack))
        {
            frames.Add(stacks.FrameOf(stack));
        }

        for (int depth = frames.Count - 1; depth >= 0; depth--)
        {
            file.Json.WriteNumberValue(frames[depth]);
        }

        file.Pass();
    }
}
