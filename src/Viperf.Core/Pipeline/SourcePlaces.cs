using Viperf.Core.Profiles;
using Viperf.Core.Python;
using Viperf.Core.Symbols;

namespace Viperf.Core.Pipeline;

/// <summary>Finds where the frames on a profile's stacks are in the source.</summary>
/// <param name="profile">A profile whose frames were all looked up and whose stacks are not folded.</param>
/// <param name="symbolizer">Knows their lines.</param>
/// <param name="paths">Names Python's files.</param>
internal sealed class SourcePlaces(Profile profile, Symbolizer symbolizer, SourcePaths paths)
{
    private readonly CodePlaces _places = new();

    /// <summary>Finds all places.</summary>
    /// <param name="native">Whether native code's too.</param>
    /// <param name="progress">Is told the number of frames that were looked at.</param>
    public CodePlaces Find(bool native, Action<int> progress)
    {
        var seen = new HashSet<int>();
        for (int stack = 0; stack < profile.Stacks.Count; stack++)
        {
            int frame = profile.Stacks.FrameOf(stack);
            if (!seen.Add(frame))
            {
                continue;
            }

            progress(seen.Count);
            var function = profile.Functions[symbolizer.FunctionOf(profile, frame)];
            if (PythonSymbol.TryParse(function.Name, out var python))
            {
                AddPython(frame, function, python);
            }
            else if (native && function.IsNamed)
            {
                AddNative(frame, function);
            }
        }

        return _places;
    }

    private void AddPython(int frame, in Function function, in PythonSymbol python)
    {
        var code = profile.Frames[frame];
        var line = symbolizer.LineOf(profile, frame);
        bool isTrampoline = code.JitCode != JitCodeTable.None; // its line is the one that the function begins at
        int index = _places.Functions.Intern(new SourceFunction(
            python.Name, python.File, (isTrampoline ? line?.Line : line?.FunctionLine) ?? 0, IsPython: true)
        {
            ShortFile = paths.NameOf(python.File),
        });
        _places.Add(frame, new CodePlace(index, isTrampoline ? 0 : line?.Line ?? 0, (uint)(code.LookupAddress - function.Start)));
    }

    private void AddNative(int frame, in Function function)
    {
        if (symbolizer.LineOf(profile, frame) is { } line)
        {
            int index = _places.Functions.Intern(new SourceFunction(function.Name, line.Path, line.FunctionLine, IsPython: false)
            {
                ShortFile = line.FileName,
            });
            _places.Add(frame, new CodePlace(index, line.Line, Offset: 0));
        }
    }
}
