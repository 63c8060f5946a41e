using Viperf.Core.Profiles;

namespace Viperf.Core.Export.Rows;

/// <summary>The samples of a source in the order of time, and what their stacks are in the terms of a format.</summary>
/// <typeparam name="T">What a format makes of a stack's text.</typeparam>
/// <param name="source">What is exported; has a series of samples.</param>
/// <param name="encode">Makes it, once for a stack as a rule.</param>
internal sealed class SampleRows<T>(ExportSource source, Func<StackText, T> encode)
    where T : class
{
    /// <summary>
    /// Frames of the stacks that are kept: so many that those which come again and again are among them, and so few that a
    /// recording in which no stack comes twice takes no more than some hundred megabytes.
    /// </summary>
    private const int MostFrames = 2_000_000;

    private readonly Dictionary<int, T> _stacks = [];
    private readonly Dictionary<(int Function, int Line), string> _frames = [];
    private readonly List<string> _names = [];
    private int _keptFrames;

    /// <summary>The rows. Each is made when it is its turn.</summary>
    public IEnumerable<SampleRow> All
    {
        get
        {
            var series = source.Profile.Series ?? throw new InvalidOperationException("the profile does not list its samples");
            for (int sample = 0; sample < series.Count; sample++)
            {
                int row = series.RowOf(sample);
                var key = source.Profile.Samples.KeyOf(row);
                if (key.Event == source.EventIndex)
                {
                    ulong time = series.TimeOf(sample);
                    yield return new(
                        time, time - series.TimeOf(0), source.Threads[source.ThreadOf(row)], NameOf(key.Comm),
                        key.Cpu < 0 ? null : key.Cpu, series.PeriodOf(sample), key.Stack);
                }
            }
        }
    }

    /// <summary>A row's stack.</summary>
    public T StackOf(in SampleRow row)
    {
        if (!_stacks.TryGetValue(row.Stack, out var stack))
        {
            var text = TextOf(row.Stack);
            stack = encode(text);
            if (_keptFrames > MostFrames)
            {
                _stacks.Clear();
                _keptFrames = 0;
            }

            _keptFrames += text.Frames.Length;
            _stacks.Add(row.Stack, stack);
        }

        return stack;
    }

    private StackText TextOf(int stack)
    {
        if (stack == StackTable.Empty)
        {
            return new(NameOf(FrameKind.Unknown), ExportFunction.Unnamed, File: "", Line: null, [ExportFunction.Unnamed]);
        }

        int depth = 0;
        for (int rest = stack; rest != StackTable.Empty; rest = source.Profile.Stacks.ParentOf(rest))
        {
            depth++;
        }

        string[] frames = new string[depth];
        for (int rest = stack; rest != StackTable.Empty; rest = source.Profile.Stacks.ParentOf(rest))
        {
            frames[--depth] = FrameText(source.Profile.Stacks.FrameOf(rest));
        }

        var (leaf, line) = source.FrameOf(source.Profile.Stacks.FrameOf(stack));
        return new(
            NameOf(leaf.Kind), ExportText.WellFormed(leaf.Name), ExportText.WellFormed(leaf.File), line > 0 ? line : null, frames);
    }

    /// <summary><c>name (file:line)</c> as far as it is known, with short names of files.</summary>
    private string FrameText(int frame)
    {
        var indexes = source.IndexesOf(frame);
        if (!_frames.TryGetValue(indexes, out string? text))
        {
            var function = source.Functions[indexes.Function];
            string place = indexes.Line == 0 || function.File.Length == 0 ? function.Place
                : function.Kind == FrameKind.Python ? $"{function.Place}:{indexes.Line}"
                : $"{function.File[(function.File.LastIndexOf('/') + 1)..]}:{indexes.Line}";
            text = ExportText.WellFormed(place.Length == 0 ? function.Name : $"{function.Name} ({place})");
            _frames.Add(indexes, text);
        }

        return text;
    }

    private string NameOf(int comm)
    {
        while (_names.Count <= comm)
        {
            _names.Add(ExportText.WellFormed(source.Profile.Comms[_names.Count]));
        }

        return _names[comm];
    }

    private static string NameOf(FrameKind kind) => kind switch
    {
        FrameKind.Python => "python",
        FrameKind.Native => "native",
        FrameKind.Kernel => "kernel",
        FrameKind.Interpreter => "interpreter",
        FrameKind.Wait => "wait",
        _ => "unknown",
    };
}
