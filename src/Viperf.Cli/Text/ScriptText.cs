using Viperf.Core.Pipeline;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Core.Views;

namespace Viperf.Cli.Text;

/// <summary>How <c>script</c> prints times.</summary>
internal enum ScriptClock
{
    /// <summary>The recording's clock.</summary>
    Absolute,

    /// <summary>Since the first sample (<c>--reltime</c>).</summary>
    SinceFirst,

    /// <summary>Since the sample before (<c>--deltatime</c>).</summary>
    SinceLast,
}

/// <summary>What <c>script</c> prints, besides the columns.</summary>
/// <param name="Clock">What times count from.</param>
/// <param name="Nanoseconds">Nine decimal places instead of six.</param>
/// <param name="CallGraph">False to print the leaf alone.</param>
/// <param name="Inlines">Whether call chains have inlined functions.</param>
/// <param name="LineText">How a line of source is written.</param>
internal sealed record ScriptStyle(
    ScriptClock Clock, bool Nanoseconds, bool CallGraph, bool Inlines, Func<SourceLine, string> LineText);

/// <summary>
/// Prints samples one by one in perf script's text. Since a stream of samples has no end to wait for, names are looked
/// up when a frame is first printed; its line is then kept, so a sample costs a copy for each of its frames.
/// </summary>
internal sealed class ScriptText : ISampleSink
{
    private readonly Profile _profile;
    private readonly Symbolizer _symbolizer;
    private readonly SampleFolding? _folding;
    private readonly Utf8Output _output;
    private readonly ScriptStyle _style;
    private readonly SampleFilter _filter;

    /// <summary>Columns by event.</summary>
    private readonly ScriptField[] _fields;

    /// <summary>Width of the longest event's name.</summary>
    private readonly int _eventWidth;

    /// <summary>A frame's line by frame and columns, made when it is first printed.</summary>
    private readonly Dictionary<(int Frame, ScriptField Fields), byte[]> _lines = [];
    private readonly Utf8Text _line = new();
    private readonly StackJudge _judge;

    private ulong _clockStart;

    /// <summary>Creates the printer of one recording.</summary>
    /// <param name="profile">The profile that the converter fills.</param>
    /// <param name="symbolizer">Names its frames.</param>
    /// <param name="folding">Folds stacks; null to print them as they are.</param>
    /// <param name="fields">Columns by event.</param>
    /// <param name="style">How to print.</param>
    /// <param name="filter">Which samples to print.</param>
    /// <param name="output">Where to.</param>
    public ScriptText(
        Profile profile,
        Symbolizer symbolizer,
        SampleFolding? folding,
        ScriptField[] fields,
        ScriptStyle style,
        SampleFilter filter,
        Utf8Output output)
    {
        _profile = profile;
        _symbolizer = symbolizer;
        _folding = folding;
        _fields = fields;
        _style = style;
        _filter = filter;
        _output = output;
        _judge = new StackJudge(profile, IsStart);
        _eventWidth = profile.Events.Count == 0 ? 0 : profile.Events.Max(e => e.Name.Length);
    }

    /// <inheritdoc/>
    public void OnSample(in ConvertedSample sample)
    {
        if (!IsShown(sample.Key))
        {
            return;
        }

        var fields = _fields[sample.Source.Index];
        bool chain = sample.HasChain && _style.CallGraph && (fields & ScriptField.Ip) != 0;
        AddHead(sample, fields, chain);
        if ((fields & ScriptField.Ip) != 0)
        {
            _output.Add(chain ? "\n"u8 : " "u8);
            AddStack(sample, fields, chain);
        }

        if (chain || (fields & ScriptField.Ip) == 0)
        {
            _output.Add("\n"u8);
        }

        _output.FlushIfLarge();
    }

    /// <summary>The table of the stacks that are printed.</summary>
    private StackTable Stacks => _folding?.Stacks ?? _profile.Stacks;

    /// <summary>What is printed of a stack.</summary>
    private int Folded(int stack) => _folding is null ? stack : _folding.Of(stack);

    private bool IsShown(in SampleKey sample)
    {
        if (!(_filter.Cpus?.Contains(sample.Cpu) ?? true) || !_filter.AcceptsThread(_profile, sample))
        {
            return false;
        }

        return !_filter.AsksForLeaf || _filter.AcceptsLeaf(
            _profile, _profile.Functions[_symbolizer.FunctionOf(_profile, Stacks.FrameOf(Folded(sample.Stack)))]);
    }

    private void AddHead(in ConvertedSample sample, ScriptField fields, bool chain)
    {
        if ((fields & ScriptField.Comm) != 0)
        {
            _output.AddRight(_profile.Comms[sample.Key.Comm], chain ? 0 : 16).Add(" "u8);
        }

        bool pid = (fields & ScriptField.Pid) != 0;
        bool tid = (fields & ScriptField.Tid) != 0;
        if (pid)
        {
            _output.AddDecimal(sample.Key.Pid, 5);
        }

        if (tid)
        {
            // perf: "%5d/%-5d " with both, "%5d " with one
            _output.Add(pid ? "/"u8 : ""u8);
            int length = sample.Key.Tid.ToString().Length;
            _output.AddDecimal(sample.Key.Tid, pid ? 0 : 5).AddSpaces(pid ? 5 - length : 0);
        }

        if (pid || tid)
        {
            _output.Add(" "u8);
        }

        if ((fields & ScriptField.Cpu) != 0)
        {
            _output.Add("["u8).AddDecimal((ulong)Math.Max(0, sample.Key.Cpu), 3, (byte)'0').Add("] "u8);
        }

        if ((fields & ScriptField.Time) != 0)
        {
            AddTime(sample.Time);
        }

        if ((fields & ScriptField.Period) != 0)
        {
            _output.AddDecimal(sample.Period, 10).Add(" "u8);
        }

        if ((fields & ScriptField.Event) != 0)
        {
            _output.AddRight(_profile.Events[sample.Key.Event].Name, _eventWidth).Add(": "u8);
        }
    }

    private void AddTime(ulong time)
    {
        ulong shown = time;
        if (_style.Clock != ScriptClock.Absolute)
        {
            _clockStart = _clockStart == 0 ? time : _clockStart;
            shown = time - _clockStart;
            _clockStart = _style.Clock == ScriptClock.SinceLast ? time : _clockStart;
        }

        const ulong Second = 1_000_000_000;
        _output.AddDecimal(shown / Second, 5).Add("."u8);
        ulong fraction = shown % Second;
        _output.AddDecimal(_style.Nanoseconds ? fraction : fraction / 1000, _style.Nanoseconds ? 9 : 6, (byte)'0')
            .Add(": "u8);
    }

    private void AddStack(in ConvertedSample sample, ScriptField fields, bool chain)
    {
        int stack = sample.Key.Stack;
        if (!chain)
        {
            // perf prints the sampled address itself here, and addresses in modules in call chains
            _output.AddHex(sample.Ip, 16);
            AddNames(_output, Stacks.FrameOf(Folded(stack)), fields);
            return;
        }

        if (sample.LeafAdded)
        {
            stack = _profile.Stacks.ParentOf(stack);
        }

        for (stack = Folded(stack); stack != StackTable.Empty; stack = Stacks.ParentOf(stack))
        {
            _output.Add(LineOf(Stacks.FrameOf(stack), fields));
        }

        if ((fields & ScriptField.Stackend) != 0 && _judge.TryJudge(sample.Key, out var verdict))
        {
            var module = verdict.Module == ModuleTable.Unknown ? null : _profile.Modules[verdict.Module];
            _output.Add("\t["u8).Add(StackText.Reason(verdict.End, verdict.IsGuessed, module)).Add("]\n"u8);
        }
    }

    private bool IsStart(int frame)
    {
        _symbolizer.FunctionOf(_profile, frame);
        return _profile.Frames.IsStart(frame);
    }

    /// <summary>The lines of a call chain's frame: its functions, the innermost first.</summary>
    private byte[] LineOf(int frame, ScriptField fields)
    {
        if (!_lines.TryGetValue((frame, fields), out byte[]? line))
        {
            // folded stacks have frames for them already
            int[] functions = _style.Inlines && _folding is null ? [.. _symbolizer.FunctionsAt(_profile, frame)] : [];
            for (int i = functions.Length - 1; i > 0; i--)
            {
                _line.Add("\t"u8).AddHex(_profile.Frames[frame].Address, 16);
                AddNames(_line, functions[i], fields);
            }

            _line.Add("\t"u8).AddHex(_profile.Frames[frame].Address, 16);
            AddNames(_line, functions.Length == 0 ? frame : functions[0], fields);
            line = _line.Take();
            _lines.Add((frame, fields), line);
        }

        return line;
    }

    private void AddNames(Utf8Text output, int frameIndex, ScriptField fields)
    {
        var frame = _profile.Frames[frameIndex];
        var function = _profile.Functions[_symbolizer.FunctionOf(_profile, frameIndex)];
        if ((fields & ScriptField.Sym) != 0)
        {
            output.Add(" "u8).Add(function.Place is not null ? function.Title : function.IsNamed ? function.Name : "[unknown]");
            if (function.IsNamed && frame.Module == function.Module && (fields & ScriptField.Symoff) != 0)
            {
                output.Add("+0x"u8).AddHex(frame.Address - StartOf(frameIndex));
            }
        }

        var module = _profile.Modules[function.Module];
        if ((fields & ScriptField.Dso) != 0 && !function.IsInlined)
        {
            output.Add(" ("u8).Add(module.Kind == ModuleKind.KernelModule ? module.Name : module.Path).Add(")"u8);
        }

        if ((fields & ScriptField.Srcline) != 0 && _symbolizer.LineOf(_profile, frameIndex) is { } line)
        {
            output.Add("\n  "u8).Add(_style.LineText(line));
        }

        output.Add(function.IsInlined ? " (inlined)\n"u8 : "\n"u8);
    }

    /// <summary>The first address of the function whose code a frame's is, whatever was inlined there.</summary>
    private ulong StartOf(int frameIndex)
    {
        int place = _profile.Frames.Intern(_profile.Frames[frameIndex] with { InlineLevel = Frame.WholePlace });
        return _profile.Functions[_symbolizer.FunctionOf(_profile, place)].Start;
    }
}
