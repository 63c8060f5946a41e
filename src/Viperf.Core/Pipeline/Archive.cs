using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>Makes a recording readable on other machines.</summary>
public static class Archive
{
    /// <summary>Puts the names that a recording needs into it, or into a copy.</summary>
    /// <param name="input">The recording.</param>
    /// <param name="output">The copy; null to change the recording itself.</param>
    /// <param name="warn">Takes what is missing, one line each.</param>
    /// <param name="opened">Takes each recording that will be read.</param>
    /// <returns>Bytes that the names take.</returns>
    /// <exception cref="UserErrorException">The recording cannot be read or written, or needs to be copied.</exception>
    public static int Run(string input, string? output, Action<string> warn, Action<RecordingFile>? opened = null)
    {
        ArgumentNullException.ThrowIfNull(warn);
        bool hasCopies;
        using (var recording = RecordingFile.Open(input))
        {
            hasCopies = recording.Reader.Events.Any(
                static source => source.Layout.Has(SampleFormat.PERF_SAMPLE_STACK_USER));
            if (output is null && hasCopies)
            {
                throw new UserErrorException(
                    $"{input} has copies of stacks, which only this machine can unwind: name a file with -o, which gets call chains in their place");
            }

            if (output is null && recording.Reader.IsPipe)
            {
                throw new UserErrorException($"{input} is in pipe form, which has no room for names: name a file with -o");
            }
        }

        if (output is not null)
        {
            Injection.Run(new InjectOptions
            {
                InputPath = input,
                OutputPath = output,
                ConvertCallchains = hasCopies,
                Warn = warn,
                Opened = opened,
            });
        }

        using var archived = RecordingFile.Open(output ?? input);
        opened?.Invoke(archived);
        archived.Load(new ConverterOptions());
        int bytes = NameEmbedding.Embed(archived);
        foreach (string warning in archived.Warnings)
        {
            warn(warning);
        }

        return bytes;
    }
}
