using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>Copies a recording and adds to it what was not known when it was made.</summary>
public static class Injection
{
    /// <summary>Makes the copy. If that fails, nothing is left of it, and an older file of its name is back.</summary>
    /// <exception cref="UserErrorException">The recording cannot be read, or the copy not be written.</exception>
    public static void Run(InjectOptions options)
    {
        using var recording = RecordingFile.Open(options.InputPath);
        var reader = recording.Reader;
        using var copy = RecordingCopy.Create(reader, options.OutputPath);
        if (options.Jit)
        {
            var loader = new JitDumpLoader(reader, recording.Owner, options);
            var injector = new JitInjector(copy, loader, reader.Events[0].Layout);
            reader.ReadAll(injector);
            injector.Finish();
        }
        else
        {
            reader.ReadAll(copy);
        }

        copy.Finish();
        foreach (string warning in reader.Warnings)
        {
            options.Warn(warning);
        }

        if (copy.LacksTraces)
        {
            options.Warn("traces of the AUX area (Intel PT and the like) are not carried over");
        }

        if (reader.IsPipe && reader.Events.Any(e => e.Attr.type == PerfEventKind.PERF_TYPE_TRACEPOINT))
        {
            options.Warn("the formats of tracepoints are not carried over from a pipe");
        }
    }
}
