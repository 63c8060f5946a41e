using System.Globalization;
using System.Text.Json;
using Viperf.Core.Profiles;

namespace Viperf.Core.Export;

/// <summary>
/// The processed profile format of the Firefox Profiler, https://profiler.firefox.com. Its version 61 is the first that has both
/// tables that threads share and a table of source files; the profiler brings files of older versions than its own up to date.
/// </summary>
internal static class FirefoxFormat
{
    private const int Version = 61;

    /// <summary>The version of the browser's own format, which nobody asks of a processed profile, but which has to be there.</summary>
    private const int GeckoVersion = 24;

    private const int MostThreadsToShow = 32;

    private const double NanosecondsPerMillisecond = 1e6;

    /// <summary>Writes a profile.</summary>
    public static void Write(ExportSource source, Stream output)
    {
        var tables = new FirefoxTables(source);
        var samples = new SamplesByThread(source);
        using var file = new JsonFile(output);
        var json = file.Json;
        json.WriteStartObject();
        WriteMeta(json, source, tables, samples);
        tables.WriteLibs(file);
        foreach (string name in (string[])["pages", "counters", "profilerOverhead"])
        {
            json.WriteStartArray(name);
            json.WriteEndArray();
        }

        tables.WriteShared(file);
        json.WriteStartArray("threads");
        for (int thread = 0; thread < source.Threads.Count; thread++)
        {
            WriteThread(file, source, tables, source.Threads[thread], samples.Of(thread));
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteMeta(Utf8JsonWriter json, ExportSource source, FirefoxTables tables, SamplesByThread samples)
    {
        var facts = source.Facts;
        double duration = (source.Profile.LastSampleTime - source.Profile.FirstSampleTime) / NanosecondsPerMillisecond;
        double end = facts.Written is { } written ? (written - DateTime.UnixEpoch).TotalMilliseconds : duration;
        json.WriteStartObject("meta");
        json.WriteNumber("version", GeckoVersion);
        json.WriteNumber("preprocessedProfileVersion", Version);
        json.WriteNumber("interval", IntervalOf(source));
        json.WriteNumber("startTime", Math.Max(0, end - duration));
        json.WriteNumber("profilingStartTime", 0);
        json.WriteNumber("profilingEndTime", duration);
        json.WriteNumber("processType", 0);
        json.WriteNumber("stackwalk", 1);
        json.WriteBoolean("debug", false);
        json.WriteString("product", source.Threads is [var first, ..] ? first.Process : "viperf");
        json.WriteString("importedFrom", Producer.NameAndVersion);
        json.WriteString("oscpu", string.Join(' ', (string?[])["Linux", facts.KernelRelease, facts.Architecture]).TrimEnd());
        json.WriteString("platform", "Linux");
        json.WriteString("arguments", string.Join(' ', facts.CommandLine));
        if (facts.Processor is { } processor)
        {
            json.WriteString("CPUName", processor);
        }

        if (facts.Cpus is { } cpus)
        {
            json.WriteNumber("logicalCPUs", cpus);
        }

        if (facts.Memory is { } memory)
        {
            json.WriteNumber("mainMemory", memory);
        }

        json.WriteBoolean("symbolicated", true);
        json.WriteBoolean("symbolicationNotSupported", true); // there are no addresses
        json.WriteBoolean("usesOnlyOneStackType", !tables.HasPython);
        json.WriteBoolean("sourceCodeIsNotOnSearchfox", true);
        json.WriteStartObject("sampleUnits");
        json.WriteString("time", "ms");
        json.WriteString("eventDelay", "ms");
        json.WriteString("threadCPUDelta", "ns");
        json.WriteEndObject();
        FirefoxCategories.Write(json);
        json.WriteStartArray("markerSchema");
        json.WriteEndArray();
        WriteThreadsToShow(json, samples, source.Threads.Count);
        WriteExtra(json, source);
        json.WriteEndObject();
    }

    /// <summary>
    /// The thread with the most samples is the one that is open at first, and all are shown unless they are many: the profiler
    /// would open the first one, and hide those that mostly wait.
    /// </summary>
    private static void WriteThreadsToShow(Utf8JsonWriter json, SamplesByThread samples, int threads)
    {
        int[] busiest = [.. Enumerable.Range(0, threads).OrderByDescending(thread => samples.Of(thread).Length).Take(MostThreadsToShow)];
        WriteArray("initialSelectedThreads", busiest.Take(1));
        WriteArray("initialVisibleThreads", busiest.Order());

        void WriteArray(string name, IEnumerable<int> indexes)
        {
            json.WriteStartArray(name);
            foreach (int index in indexes)
            {
                json.WriteNumberValue(index);
            }

            json.WriteEndArray();
        }
    }

    /// <summary>What the profiler shows as further facts.</summary>
    private static void WriteExtra(Utf8JsonWriter json, ExportSource source)
    {
        json.WriteStartArray("extra");
        json.WriteStartObject();
        json.WriteString("label", "Recording");
        json.WriteStartArray("entries");
        Entry("Event", source.Event.Name);
        Entry("Samples", source.TotalSamples.ToString(CultureInfo.InvariantCulture));
        Entry("Lost samples", source.Profile.LostSamples.ToString(CultureInfo.InvariantCulture));
        Entry("Recorder", source.Facts.RecorderVersion);
        Entry("Host", source.Facts.HostName);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();

        void Entry(string label, string? value)
        {
            if (value is not null)
            {
                json.WriteStartObject();
                json.WriteString("label", label);
                json.WriteString("format", "string");
                json.WriteString("value", value);
                json.WriteEndObject();
            }
        }
    }

    /// <summary>Milliseconds from sample to sample of a thread that runs; more than nothing, since the profiler divides by it.</summary>
    private static double IntervalOf(ExportSource source)
    {
        double nanoseconds = source.Event.IsClock && source.TotalSamples > 0 ? (double)source.TotalPeriod / source.TotalSamples
            : source.Facts.Frequency > 0 ? 1e9 / source.Facts.Frequency
            : 0;
        return nanoseconds > 0 ? nanoseconds / NanosecondsPerMillisecond : 1;
    }

    private static void WriteThread(
        JsonFile file, ExportSource source, FirefoxTables tables, ExportThread thread, ReadOnlySpan<int> samples)
    {
        var json = file.Json;
        json.WriteStartObject();
        json.WriteString("name", thread.Name);
        json.WriteString("processName", thread.Process);
        json.WriteString("processType", "default");
        json.WriteBoolean("isMainThread", thread.Pid == thread.Tid);
        json.WriteString("pid", thread.Pid.ToString(CultureInfo.InvariantCulture));
        json.WriteNumber("tid", thread.Tid);
        json.WriteNumber("processStartupTime", 0);
        json.WriteNull("processShutdownTime");
        json.WriteNumber("registerTime", samples.Length > 0 ? TimeOf(source, samples[0]) : 0);
        json.WriteNull("unregisterTime");
        json.WriteStartArray("pausedRanges");
        json.WriteEndArray();
        json.WriteBoolean("showMarkersInTimeline", false);
        WriteSamples(file, source, tables, samples);
        json.WriteStartObject("markers");
        foreach (string column in (string[])["data", "name", "startTime", "endTime", "phase", "category"])
        {
            json.WriteStartArray(column);
            json.WriteEndArray();
        }

        json.WriteNumber("length", 0);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>
    /// Weights are periods: milliseconds of clocks, events otherwise. Of clocks it is also told how much of the time since the
    /// sample before the thread ran: none of that for which it waited.
    /// </summary>
    private static void WriteSamples(JsonFile file, ExportSource source, FirefoxTables tables, ReadOnlySpan<int> samples)
    {
        var json = file.Json;
        var series = source.Profile.Series!;
        bool isClock = source.Event.IsClock;
        json.WriteStartObject("samples");
        json.WriteStartArray("stack");
        foreach (int sample in samples)
        {
            json.WriteNumberValue(StackOf(sample));
            file.Pass();
        }

        json.WriteEndArray();
        json.WriteStartArray("time");
        foreach (int sample in samples)
        {
            json.WriteNumberValue(TimeOf(source, sample));
            file.Pass();
        }

        json.WriteEndArray();
        json.WriteStartArray("weight");
        foreach (int sample in samples)
        {
            ulong period = series.PeriodOf(sample);
            if (isClock)
            {
                json.WriteNumberValue(period / NanosecondsPerMillisecond);
            }
            else
            {
                json.WriteNumberValue(period);
            }

            file.Pass();
        }

        json.WriteEndArray();
        json.WriteString("weightType", isClock ? "tracing-ms" : "samples");
        if (isClock)
        {
            json.WriteStartArray("threadCPUDelta");
            foreach (int sample in samples)
            {
                json.WriteNumberValue(tables.KindOf(StackOf(sample)) == FrameKind.Wait ? 0 : series.PeriodOf(sample));
                file.Pass();
            }

            json.WriteEndArray();
        }

        json.WriteNumber("length", samples.Length);
        json.WriteEndObject();

        int StackOf(int sample) => tables.StackOf(source.Profile.Samples.KeyOf(series.RowOf(sample)).Stack);
    }

    /// <summary>Milliseconds since the recording's first sample.</summary>
    private static double TimeOf(ExportSource source, int sample) =>
        (source.Profile.Series!.TimeOf(sample) - source.Profile.FirstSampleTime) / NanosecondsPerMillisecond;
}
