using Viperf.Core.Profiles;
using Viperf.Core.Python;
using Viperf.Core.Symbols;

namespace Viperf.Core.Pipeline;

/// <summary>
/// Shows stacks as <see cref="StackMode.Mixed"/> or <see cref="StackMode.Python"/> say: leaves the interpreter's plumbing out,
/// has one frame for each import, garbage collection and wait for the GIL, and gives Python functions the names that people
/// know them by. No sample is lost: of a stack that is nothing but plumbing the innermost frame stays.
/// </summary>
internal sealed class StackFolding
{
    /// <summary>Not found out yet.</summary>
    private const CodeRole Unknown = (CodeRole)byte.MaxValue;

    private readonly Profile _profile;
    private readonly Symbolizer _symbolizer;
    private readonly SourcePaths _paths;

    /// <summary>Index of the module of frames that stand for what the interpreter does.</summary>
    private readonly int _interpreter;

    /// <summary>By frame, as it was before it was renamed.</summary>
    private readonly List<CodeRole> _roles = [];

    /// <summary>Frames that stand for code of one role, by role.</summary>
    private readonly Dictionary<CodeRole, int> _standIns = [];

    /// <summary>Frames that stand for why threads do not run, by name.</summary>
    private readonly Dictionary<string, int> _waits = [];

    /// <summary>Frames that stand for a module's code in general: what has no name, or is outside of Python functions.</summary>
    private readonly Dictionary<(string Name, int Module, FrameMode Mode), int> _ofModules = [];

    /// <summary>Prepares to fold.</summary>
    /// <param name="profile">The profile, to whose tables frames and functions are added.</param>
    /// <param name="symbolizer">Names its frames.</param>
    /// <param name="paths">Names its Python files.</param>
    public StackFolding(Profile profile, Symbolizer symbolizer, SourcePaths paths)
    {
        _profile = profile;
        _symbolizer = symbolizer;
        _paths = paths;
        _interpreter = profile.Modules.Intern(new Module(ModuleKind.Interpreter, "[interpreter]", "", 0, 0));
    }

    /// <summary>Puts a frame of a whole stack onto its callers, if <see cref="StackMode.Mixed"/> shows it.</summary>
    /// <param name="stacks">The table of folded stacks.</param>
    /// <param name="callers">The callers' folded stack.</param>
    /// <param name="frame">The frame.</param>
    public int Append(StackTable stacks, int callers, int frame)
    {
        var caller = callers == StackTable.Empty ? CodeRole.Outside : RoleOf(stacks.FrameOf(callers));
        var role = RoleOf(frame);
        if (role is CodeRole.PythonFunction)
        {
            Rename(frame);
            return Push(frame);
        }

        if (role is CodeRole.Wait)
        {
            return Push(WaitOf(frame));
        }

        if (role is CodeRole.PythonImport or CodeRole.Import)
        {
            return caller is CodeRole.Import || (Absorbs(caller) && role is CodeRole.Import) ? callers : Push(StandIn(CodeRole.Import));
        }

        // What these do is theirs, whatever it is: until a finalizer in Python is called.
        if (Absorbs(caller))
        {
            return callers;
        }

        if (caller is CodeRole.Import && role is CodeRole.Work && IsInterpreter(frame))
        {
            return callers; // code is unmarshalled, files are looked for
        }

        return role switch
        {
            CodeRole.GarbageCollection or CodeRole.GilWait or CodeRole.Agent => Push(StandIn(role)),
            CodeRole.ConditionWait when IsCalledByInterpreter() => Push(StandIn(CodeRole.GilWait)),
            CodeRole.UnnamedLibrary when callers == StackTable.Empty || caller is CodeRole.Plumbing or CodeRole.UnnamedLibrary => Hide(),
            CodeRole.Plumbing => Hide(),
            _ => PushWork(),
        };

        int PushWork()
        {
            int shown = Unnamed(frame);
            bool isOneWithCaller = caller is CodeRole.Work
                && (shown == frame ? IsRestOf(frame, stacks.FrameOf(callers)) : stacks.FrameOf(callers) == shown);
            return isOneWithCaller ? callers : Push(shown);
        }

        int Push(int shown) => stacks.Intern(IsPlaceholder() ? StackTable.Empty : callers, shown);

        // The innermost stays for as long as there is nothing else.
        int Hide() => callers == StackTable.Empty || IsPlaceholder() ? stacks.Intern(StackTable.Empty, frame) : callers;

        // Plumbing is on no folded stack otherwise; code of the library is where it was called by what is shown.
        bool IsPlaceholder() => callers != StackTable.Empty && stacks.ParentOf(callers) == StackTable.Empty
            && caller is CodeRole.Plumbing or CodeRole.UnnamedLibrary;

        // Frames between were plumbing.
        bool IsCalledByInterpreter() => caller is CodeRole.PythonFunction or CodeRole.Import
            || (caller is CodeRole.Plumbing && IsInterpreter(stacks.FrameOf(callers)));
    }

    /// <summary>Puts a frame that <see cref="Append"/> left onto its callers, if <see cref="StackMode.Python"/> shows it.</summary>
    /// <param name="stacks">The table of Python's stacks.</param>
    /// <param name="callers">The callers' stack.</param>
    /// <param name="frame">The frame.</param>
    public int AppendPython(StackTable stacks, int callers, int frame)
    {
        var role = RoleOf(frame);
        bool hasPython = callers != StackTable.Empty && RoleOf(stacks.FrameOf(callers)) != CodeRole.Outside;
        if (role is CodeRole.PythonFunction)
        {
            return stacks.Intern(hasPython ? callers : StackTable.Empty, frame);
        }

        if (role is CodeRole.Import or CodeRole.GarbageCollection or CodeRole.GilWait or CodeRole.Wait or CodeRole.Agent)
        {
            // what lay between two of the same was native
            return hasPython && stacks.FrameOf(callers) == frame ? callers : stacks.Intern(hasPython ? callers : StackTable.Empty, frame);
        }

        // Time of the kernel is that of the program's code that called it.
        return hasPython || (callers != StackTable.Empty && _profile.Frames[frame].Mode == FrameMode.Kernel)
            ? callers
            : stacks.Intern(StackTable.Empty, OfModule(frame, "[native]", CodeRole.Outside));
    }

    private static bool Absorbs(CodeRole role) => role is CodeRole.GarbageCollection or CodeRole.GilWait or CodeRole.Agent;

    /// <summary>True for <c>f_impl</c> in <c>f</c>: Argument Clinic has one read the arguments and the other do the work.</summary>
    private bool IsRestOf(int frame, int caller)
    {
        const string Rest = "_impl";
        string name = FunctionOf(frame).Name;
        return name.EndsWith(Rest, StringComparison.Ordinal) && name.AsSpan()[..^Rest.Length].SequenceEqual(FunctionOf(caller).Name);
    }

    private Function FunctionOf(int frame) => _profile.Functions[_symbolizer.FunctionOf(_profile, frame)];

    private bool IsInterpreter(int frame) => InterpreterCode.IsInterpreter(_profile.Modules[_profile.Frames[frame].Module].Name);

    private CodeRole RoleOf(int frame)
    {
        if (frame >= _roles.Count || _roles[frame] == Unknown)
        {
            var function = FunctionOf(frame);
            SetRole(frame, InterpreterCode.RoleOf(function, _profile.Modules[function.Module]));
        }

        return _roles[frame];
    }

    /// <summary>Gives a Python function's frame the name that people know it by.</summary>
    private void Rename(int frame)
    {
        var function = FunctionOf(frame);
        if (!PythonSymbol.TryParse(function.Name, out var python))
        {
            return; // it was renamed already
        }

        string name = _paths.NameOf(python.File);
        int module = _profile.Modules.Intern(new Module(ModuleKind.PythonSource, python.File, "", 0, 0) { Name = name });
        int line = FirstLineOf(frame);
        _profile.Frames.SetFunction(frame, _profile.Functions.Intern(new Function(python.Name, module, Start: 0)
        {
            Place = line > 0 ? $"{name}:{line}" : name,
        }));
    }

    /// <summary>
    /// The line that a Python function begins at, 0 where nobody knows: jitted code's is the only one that is told of it, since
    /// it is the function's trampoline.
    /// </summary>
    private int FirstLineOf(int frame) => _symbolizer.LineOf(_profile, frame) is not { } line ? 0
        : _profile.Frames[frame].JitCode != JitCodeTable.None ? line.Line
        : line.FunctionLine;

    /// <summary>The frame that stands for all code of a role.</summary>
    private int StandIn(CodeRole role)
    {
        if (!_standIns.TryGetValue(role, out int frame))
        {
            string name = role switch
            {
                CodeRole.Import => "[import]",
                CodeRole.GarbageCollection => "[garbage collection]",
                CodeRole.GilWait => WaitNames.Gil,
                _ => "[viperf]",
            };
            frame = Add(new Function(name, _interpreter, Start: 0), role, FrameMode.User);
            _standIns.Add(role, frame);
        }

        return frame;
    }

    /// <summary>The frame that stands for one reason not to run, in all processes.</summary>
    private int WaitOf(int frame)
    {
        string name = FunctionOf(frame).Name;
        if (!_waits.TryGetValue(name, out int wait))
        {
            _waits.Add(name, wait = Add(new Function(name, _interpreter, Start: 0), CodeRole.Wait, FrameMode.User));
        }

        return wait;
    }

    /// <summary>The frame itself, or if nothing names it the one that stands for all such code of its module.</summary>
    private int Unnamed(int frame) => FunctionOf(frame).IsNamed ? frame : OfModule(frame, "[unknown]", CodeRole.Work);

    private int OfModule(int frame, string name, CodeRole role)
    {
        int module = FunctionOf(frame).Module;
        var mode = _profile.Frames[frame].Mode;
        if (!_ofModules.TryGetValue((name, module, mode), out int standIn))
        {
            // where no function begins
            var function = new Function(name, module, Start: ulong.MaxValue - (ulong)role) { Place = _profile.Modules[module].Name };
            standIn = Add(function, role, mode);
            _ofModules.Add((name, module, mode), standIn);
        }

        return standIn;
    }

    /// <summary>Adds a frame that is no code's, so it has no address, only a number.</summary>
    private int Add(in Function function, CodeRole role, FrameMode mode)
    {
        ulong number = (ulong)(_standIns.Count + _waits.Count + _ofModules.Count + 1);
        int frame = _profile.Frames.Intern(new Frame(number, _interpreter, mode, IsReturnAddress: false));
        _profile.Frames.SetFunction(frame, _profile.Functions.Intern(function));
        SetRole(frame, role);
        return frame;
    }

    private void SetRole(int frame, CodeRole role)
    {
        while (_roles.Count <= frame)
        {
            _roles.Add(Unknown);
        }

        _roles[frame] = role;
    }
}
