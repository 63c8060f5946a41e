using Viperf.Core.Linux;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;
using ZstdSharp;

namespace Viperf.Core.Pipeline;

/// <summary>
/// Puts the names that a recording needs into it, as a header feature that perf skips, so that it reads the same where the
/// files are not that its code lay in.
/// </summary>
public static class NameEmbedding
{
    /// <summary>What one byte of the compressed feature can stand for at most; what announces more is not true.</summary>
    private const int MaximumRatio = 1 << 12;

    /// <summary>Adds names to a recording. What it had is kept, or replaced by what is known now.</summary>
    /// <param name="recording">The recording, read by <see cref="RecordingFile.Load"/>.</param>
    /// <returns>Bytes that the names take.</returns>
    /// <exception cref="UserErrorException">The recording cannot be written, or is in pipe form.</exception>
    public static int Embed(RecordingFile recording)
    {
        ArgumentNullException.ThrowIfNull(recording);
        byte[] section = Compress(Collect(recording));
        var features = new FeatureWriter();
        foreach (var (feature, bytes) in recording.Reader.Features.Sections)
        {
            features.SetSection(feature, bytes);
        }

        features.SetSection(HeaderFeature.VIPERF_NAMES, section);
        try
        {
            using var stream = new FileStream(recording.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            using var source = new FileSource(recording.Path);
            PerfDataWriter.ReplaceFeatures(stream, source, features);
        }
        catch (ParseException problem)
        {
            throw new UserErrorException($"cannot add names to {recording.Path}: {problem.Problem} (a copy can have them: name it with -o)");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"cannot add names to {recording.Path}: {Errno.Text(problem)}");
        }

        return section.Length;
    }

    /// <summary>The names that a recording brought along; null if there are none.</summary>
    /// <param name="reader">The recording.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="warn">Takes the reason why they cannot be read.</param>
    internal static EmbeddedSymbols? Read(PerfDataReader reader, string source, Action<string> warn)
    {
        if (!reader.Features.Sections.TryGetValue(HeaderFeature.VIPERF_NAMES, out var section))
        {
            return null;
        }

        try
        {
            ulong size = Decompressor.GetDecompressedSize(section.Span);
            if (size > Limits.FeatureBytes || size > (ulong)section.Length * MaximumRatio)
            {
                warn($"{source}: embedded names of {size} bytes, which are not read");
                return null;
            }

            using var decompressor = new Decompressor();
            return new EmbeddedSymbols(EmbeddedNames.Read(decompressor.Unwrap(section.Span, (int)size).ToArray(), source));
        }
        catch (Exception problem) when (problem is ZstdException or ParseException)
        {
            warn($"{source}: embedded names cannot be read: {problem.Message}");
            return null;
        }
    }

    private static EmbeddedNames Collect(RecordingFile recording)
    {
        var names = new EmbeddedNames();
        var (profile, symbolizer) = (recording.Profile, recording.Symbolizer);
        for (int module = 0; module < profile.Modules.Count; module++)
        {
            names.Modules.Add(EmbeddedSymbols.FromModule(profile.Modules[module]));
            var dump = profile.Modules[module].Kind == ModuleKind.Jit ? recording.JitDumps.ToEmbed(module) : default;
            if (!dump.IsEmpty)
            {
                names.Files.Add(new EmbeddedFile(profile.Modules[module].Path, profile.Modules[module].Pid, dump));
            }
        }

        for (int frame = 0; frame < profile.Frames.Count; frame++)
        {
            var place = profile.Frames[frame];
            if (place is { InlineLevel: Frame.WholePlace, JitCode: JitCodeTable.None }
                && symbolizer.ToEmbed(profile, frame, place.Module) is { } known)
            {
                names.Places.Add(known);
            }
        }

        return names;
    }

    private static byte[] Compress(EmbeddedNames names)
    {
        var writer = new ByteWriter();
        names.Write(writer);
        using var compressor = new Compressor();
        return compressor.Wrap(writer.Written).ToArray();
    }
}
