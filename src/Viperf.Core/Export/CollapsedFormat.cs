using System.Text;
using Viperf.Core.Profiles;

namespace Viperf.Core.Export;

/// <summary>
/// The format of FlameGraph's stackcollapse programs: a line for each distinct stack, its frames from the outermost one divided by
/// semicolons, and its number of samples. The outermost frame is the thread's name.
/// </summary>
internal static class CollapsedFormat
{
    /// <summary>Writes a profile.</summary>
    public static void Write(ExportSource source, Stream output)
    {
        // frames' lines do not tell stacks apart here, nor do functions that are called the same
        var names = new InternTable<string>(StringComparer.Ordinal);
        var stacks = new Restacking(
            source.Profile.Stacks,
            (stacks, callers, frame) => stacks.Intern(callers, names.Intern(Harmless(source.FrameOf(frame).Function.Title))));
        var samples = new Dictionary<(int Comm, int Stack), ulong>();
        foreach (int row in source.Rows)
        {
            var key = source.Profile.Samples.KeyOf(row);
            var stack = (names.Intern(Harmless(source.Profile.Comms[key.Comm])), stacks.Of(key.Stack));
            samples[stack] = samples.GetValueOrDefault(stack) + source.Profile.Samples.SamplesOf(row);
        }

        using var writer = new StreamWriter(output, new UTF8Encoding(false), bufferSize: 1 << 16, leaveOpen: true) { NewLine = "\n" };
        var frames = new Stack<int>();
        foreach (var ((comm, stack), count) in samples)
        {
            for (int at = stack; at != StackTable.Empty; at = stacks.Stacks.ParentOf(at))
            {
                frames.Push(stacks.Stacks.FrameOf(at));
            }

            writer.Write(names[comm]);
            while (frames.TryPop(out int frame))
            {
                writer.Write(';');
                writer.Write(names[frame]);
            }

            writer.Write(' ');
            writer.WriteLine(count);
        }
    }

    /// <summary>Without what divides frames and lines in this format, or is no text; never empty.</summary>
    private static string Harmless(string name)
    {
        if (name.Length == 0)
        {
            return ExportFunction.Unnamed;
        }

        return name.Any(IsHarmful) ? string.Concat(name.Select(static letter => letter == ';' ? ':' : IsHarmful(letter) ? ' ' : letter)) : name;
    }

    private static bool IsHarmful(char letter) => letter is ';' or '\u2028' or '\u2029' || char.IsControl(letter);
}
