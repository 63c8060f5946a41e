using System.IO.Compression;
using Google.Protobuf;
using Viperf.Core.Profiles;

namespace Viperf.Core.Export.Pprof;

/// <summary>The format of <c>go tool pprof</c>: messages of <c>profile.proto</c>, gzipped.</summary>
internal static class PprofFormat
{
    /// <summary>Writes a profile.</summary>
    public static void Write(ExportSource source, Stream output)
    {
        using var compressed = new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true);
        Make(source).WriteTo(compressed);
    }

    /// <summary>Makes the message.</summary>
    internal static Proto.Profile Make(ExportSource source)
    {
        var profile = new Proto.Profile();
        var strings = new StringIndexes(profile.StringTable);
        bool hasWaits = source.Event is { IsClock: true, Name: ProfileEvent.WallClock or ProfileEvent.GilClock };
        AddTypes(profile, strings, source, hasWaits);
        AddTimes(profile, source);
        foreach (var (name, value) in FactLines.Of(source.Facts))
        {
            profile.Comment.Add(strings.Of($"{name}: {value}"));
        }

        AddSamples(profile, strings, source, hasWaits);
        SortMappings(profile);
        return profile;
    }

    /// <summary>
    /// CPU time is what pprof's users expect of a profile; where time of threads that do not run is in it too, all time together
    /// is one more, and what is shown unless the other is asked for. CPU time of asking for the interpreter's lock is not told from
    /// waiting for it there.
    /// </summary>
    private static void AddTypes(Proto.Profile profile, StringIndexes strings, ExportSource source, bool hasWaits)
    {
        profile.SampleType.Add(Type("samples", "count"));
        if (!source.Event.IsClock)
        {
            profile.SampleType.Add(Type(source.Event.Name, "count"));
        }
        else
        {
            profile.SampleType.Add(Type("cpu", "nanoseconds"));
            if (hasWaits)
            {
                profile.SampleType.Add(Type(source.Event.Name == ProfileEvent.GilClock ? "gil" : "wall", "nanoseconds"));
            }
        }

        profile.PeriodType = profile.SampleType[^1].Clone();
        profile.DefaultSampleType = profile.PeriodType.Type;

        Proto.ValueType Type(string type, string unit) => new() { Type = strings.Of(type), Unit = strings.Of(unit) };
    }

    private static void AddTimes(Proto.Profile profile, ExportSource source)
    {
        const long NanosecondsPerSecond = 1_000_000_000;
        const long NanosecondsPerTick = 100;
        profile.DurationNanos = (long)(source.Profile.LastSampleTime - source.Profile.FirstSampleTime);
        if (source.Event.IsClock && source.Facts.Frequency is > 0 and <= NanosecondsPerSecond and var frequency)
        {
            profile.Period = NanosecondsPerSecond / (long)frequency;
        }

        // the clock of records is no calendar's; the file was finished when the last sample had come
        if (source.Facts.Written is { } written)
        {
            profile.TimeNanos = (written - DateTime.UnixEpoch).Ticks * NanosecondsPerTick - profile.DurationNanos;
        }
    }

    private static void AddSamples(Proto.Profile profile, StringIndexes strings, ExportSource source, bool hasWaits)
    {
        var locations = new Locations(source, profile, strings);
        var stacks = new Restacking(source.Profile.Stacks, locations.Append);
        var samples = new Dictionary<(int Thread, int Comm, int Stack, bool Waits), Proto.Sample>();
        var labels = new Dictionary<(int Thread, int Comm), Proto.Label[]>();
        foreach (int row in source.Rows)
        {
            var key = source.Profile.Samples.KeyOf(row);
            int thread = source.ThreadOf(row);
            int stack = stacks.Of(key.Stack);
            bool waits = hasWaits && IsWait(source, key.Stack);
            if (!samples.TryGetValue((thread, key.Comm, stack, waits), out var sample))
            {
                sample = new Proto.Sample();
                for (int rest = stack; rest != StackTable.Empty; rest = stacks.Stacks.ParentOf(rest))
                {
                    sample.LocationId.Add(locations.IdOf(stacks.Stacks.FrameOf(rest)));
                }

                if (!labels.TryGetValue((thread, key.Comm), out var ofThread))
                {
                    labels.Add((thread, key.Comm), ofThread = LabelsOf(strings, source.Threads[thread], source.Profile.Comms[key.Comm]));
                }

                sample.Label.AddRange(ofThread);
                sample.Value.AddRange(new long[profile.SampleType.Count]);
                samples.Add((thread, key.Comm, stack, waits), sample);
                profile.Sample.Add(sample);
            }

            long period = (long)source.Profile.Samples.PeriodOf(row);
            sample.Value[0] += (long)source.Profile.Samples.SamplesOf(row);
            sample.Value[1] += waits ? 0 : period;
            if (hasWaits)
            {
                sample.Value[2] += period;
            }
        }
    }

    /// <summary>True if a stack ends with why its thread does not run.</summary>
    private static bool IsWait(ExportSource source, int stack) =>
        stack != StackTable.Empty && source.FrameOf(source.Profile.Stacks.FrameOf(stack)).Function.Kind == FrameKind.Wait;

    /// <summary>
    /// pprof takes the first mapping that is no library for the program, else the first of all: that should not be the kernel.
    /// </summary>
    private static void SortMappings(Proto.Profile profile)
    {
        Proto.Mapping[] mappings = [.. profile.Mapping.OrderBy(mapping => profile.StringTable[(int)mapping.Filename].StartsWith('['))];
        profile.Mapping.Clear();
        profile.Mapping.AddRange(mappings);
    }

    private static Proto.Label[] LabelsOf(StringIndexes strings, ExportThread thread, string name) =>
    [
        new() { Key = strings.Of("thread"), Str = strings.Of(name) },
        new() { Key = strings.Of("tid"), Num = thread.Tid },
        new() { Key = strings.Of("process"), Str = strings.Of(thread.Process) },
        new() { Key = strings.Of("pid"), Num = thread.Pid },
    ];
}
