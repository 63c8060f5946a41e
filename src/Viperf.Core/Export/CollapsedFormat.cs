using System.Text;
using Viperf.Core.Profiles;

namespace Viperf.Core.Export;

/// <summary>
/// The format of FlameGraph's stackcollapse programs: a line for each distinct stack, its frames from the outermost one divided by
/// semicolons, and its number of samples.
/// </summary>
internal static class CollapsedFormat
{
    /// <summary>Writes a profile.</summary>
    public static void Write(ExportSource source, Stream output)
    {
        var samples = new Dictionary<(string Comm, int Stack), ulong>();
        foreach (int row in source.Rows)
        {
            var key = source.Profile.Samples.KeyOf(row);
            var stack = (source.Profile.Comms[key.Comm], key.Stack);
            samples[stack] = samples.GetValueOrDefault(stack) + source.Profile.Samples.SamplesOf(row);
        }

        // frames' lines do not tell stacks apart here
        var lines = new Dictionary<string, ulong>(StringComparer.Ordinal);
        foreach (var ((comm, stack), count) in samples)
        {
            string line = LineOf(source, comm, stack);
            lines[line] = lines.GetValueOrDefault(line) + count;
        }

        using var writer = new StreamWriter(output, new UTF8Encoding(false), bufferSize: 1 << 16, leaveOpen: true) { NewLine = "\n" };
        foreach (var (line, count) in lines)
        {
            writer.Write(line);
            writer.Write(' ');
            writer.WriteLine(count);
        }
    }

    private static string LineOf(ExportSource source, string comm, int stack)
    {
        var frames = new Stack<string>();
        for (; stack != StackTable.Empty; stack = source.Profile.Stacks.ParentOf(stack))
        {
            frames.Push(Harmless(source.FrameOf(source.Profile.Stacks.FrameOf(stack)).Function.Title));
        }

        frames.Push(Harmless(comm));
        return string.Join(';', frames);
    }

    /// <summary>Without what divides frames and lines in this format.</summary>
    private static string Harmless(string name) =>
        name.AsSpan().ContainsAny(";\r\n") ? name.Replace(';', ':').ReplaceLineEndings(" ") : name;
}
