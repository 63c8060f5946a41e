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
        options.Opened?.Invoke(recording);
        var reader = recording.Reader;
        using var rewriter = options.ConvertCallchains ? RewriterOf(recording) : null;
        IReadOnlyList<EventDescription> events = rewriter is null ? reader.Events : [.. reader.Events.Select(SampleRewriter.EventOf)];
        using var copy = RecordingCopy.Create(reader, events, options.OutputPath);
        var injector = options.Jit
            ? new JitInjector(copy, new JitDumpLoader(reader, recording.Owner, options), reader.Events[0].Layout)
            : null;

        // Stacks are unwound first: it needs the mappings that the injector replaces.
        IRecordSink sink = injector is null ? copy : injector;
        reader.ReadAll(rewriter is null ? sink : new CallchainConversion(rewriter, events, sink));
        injector?.Finish();
        copy.Finish();
        foreach (string warning in recording.Warnings.Concat(rewriter?.Warnings ?? []).Distinct())
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

    private static CallchainRewriter RewriterOf(RecordingFile recording) =>
        recording.Reader.Events.Any(source => source.Layout.Has(SampleFormat.PERF_SAMPLE_STACK_USER))
            ? recording.MakeRewriter()
            : throw new UserErrorException(
                $"{recording.Path}: no copies of stacks to convert (record them with --call-graph dwarf --unwind post)");
}
