using System.Globalization;
using Viperf.Core.Python;
using Viperf.Core.Recording;

namespace Viperf.Cli.Text;

/// <summary>What a Python interpreter is like to a profiler, in words.</summary>
/// <param name="python">The interpreter.</param>
/// <param name="frames">What its machine code shows.</param>
/// <param name="framesProblem">Why it shows nothing; empty where it does.</param>
/// <param name="bytesPerCall">Stack of one call from Python to Python; null where it is not known.</param>
/// <param name="togglesSafely">Whether it survives trampolines that are switched off and on; null where it is not known.</param>
internal sealed class InterpreterFindings(
    PythonInterpreter python, FramePointers frames, string framesProblem, int? bytesPerCall, bool? togglesSafely)
{
    /// <summary>perf's size of a stack dump where none is named.</summary>
    private const int UsualDump = 8192;

    /// <summary>Whether its functions get into stacks, in whatever way.</summary>
    private bool IsNamed => python.HasAgentSupport || python.HasPerfSupport;

    /// <summary>What it takes to record it: without the agent, its own support must be switched on.</summary>
    private string Command => python.HasAgentSupport ? "python app.py"
        : $"python -X {(python.HasPerfJitSupport ? "perf_jit" : "perf")} app.py";

    /// <summary>All of them.</summary>
    public IEnumerable<Finding> All()
    {
        yield return Support();
        yield return OfFrames();
        if (IsNamed && frames.Verdict != FramePointerVerdict.Present)
        {
            yield return DumpSize();
        }

        yield return OfBuild();
        foreach (var finding in Particulars())
        {
            yield return finding;
        }
    }

    /// <summary>Whether and how it names its functions.</summary>
    private Finding Support()
    {
        const string subject = "Python functions";
        string own = !python.HasPerfSupport ? "It has no support of its own."
            : $"Its own, with --python builtin, is {(python.HasPerfJitSupport ? "-X perf and -X perf_jit" : "-X perf")}.";
        if (python.HasAgentSupport)
        {
            return new(Verdict.Good, subject, "by viperf's agent, with lines, in all that run and record start", own);
        }

        string why = python.IsFreeThreaded
            ? "there is no agent for interpreters without a global lock"
            : $"{FullTitle} is unknown to the agent";
        return python.HasPerfSupport
            ? new(Verdict.Limited, subject, $"by its own support: {why}", own)
            : new(Verdict.Bad, subject, $"{FullTitle} does not name them to profilers, and {why}",
                "Of it a recording has the native functions only.", "viperf run --interpreter python3.13 app.py");
    }

    private Finding OfFrames()
    {
        const string subject = "frame pointers";
        string said = python.Build switch
        {
            null => "its build's flags are not installed",
            { SaysFramePointers: true } => "its build's flags ask for them",
            _ => "its build's flags do not ask for them",
        };
        string counted = string.Create(
            CultureInfo.InvariantCulture, $"{frames.Linked:N0} of {frames.Calling:N0} functions link a frame");
        bool contradicts = python.Build is { } build
            && (build.SaysFramePointers ? frames.Verdict == FramePointerVerdict.Absent : frames.Verdict == FramePointerVerdict.Present);
        string but = contradicts ? "but" : "and";
        string[] remedies = IsNamed ? [$"viperf record --call-graph dwarf,{RecordOptions.LargestStackDump} {Command}"] : [];
        const string without =
            "Chains of them end in the interpreter: whole stacks take copies of the stack, unwound by tables.";
        return frames.Verdict switch
        {
            FramePointerVerdict.Present => new(Verdict.Good, subject, $"yes: {counted}, {but} {said}",
                "Stacks are whole, and cheap.", IsNamed ? [$"viperf record -g {Command}"] : []),
            FramePointerVerdict.Absent => new(Verdict.Limited, subject, $"no: {counted}, {but} {said}", without, remedies),
            FramePointerVerdict.Mixed => new(Verdict.Limited, subject, $"in part: {counted}, {said}", without, remedies),
            _ => new(Verdict.Unknown, subject, $"not known: {said}",
                framesProblem.Length > 0 ? framesProblem : "The interpreter does not say where its code lies.", remedies),
        };
    }

    private Finding DumpSize()
    {
        const string subject = "stack dumps";
        return bytesPerCall is > 0 and var bytes
            ? new(
                bytes > RecordOptions.LargestStackDump / 50 ? Verdict.Limited : Verdict.Good, subject,
                string.Create(CultureInfo.InvariantCulture, $"a Python call takes {bytes:N0} bytes of stack with a trampoline"),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The largest dump, {RecordOptions.LargestStackDump} bytes, holds about {RecordOptions.LargestStackDump / bytes} plain calls, perf's usual {UsualDump} about {UsualDump / bytes}; deeper stacks lose their outer callers."))
            : new(Verdict.Unknown, subject, "what a Python call takes could not be measured",
                "Unoptimised builds (-O0) take most: name the largest dump, 65528 bytes.");
    }

    private Finding OfBuild()
    {
        const string subject = "build";
        if (python.Build is not { } build)
        {
            return new(Verdict.Unknown, subject, "not known: sysconfig's data of it is not installed");
        }

        string with = (build.HasLto ? ", LTO" : "") + (build.HasPgo ? ", PGO" : "") + (build.IsDebug ? ", --with-pydebug" : "");
        return build.IsDebug || build.Optimization is "-O0" or "-Og" or "-O1"
            ? new(Verdict.Limited, subject, build.Optimization + with,
                "A build for debugging: times are not those of production"
                + (build.IsUnoptimized ? ", and frames are large: dumps of 65528 bytes." : "."))
            : new(Verdict.Good, subject, build.Optimization + with);
    }

    /// <summary>What only some interpreters have.</summary>
    private IEnumerable<Finding> Particulars()
    {
        if (python.Jit != PythonJit.Absent)
        {
            string? variable = Environment.GetEnvironmentVariable("PYTHON_JIT");
            bool isOn = variable switch { "0" => false, { Length: > 0 } => true, _ => python.Jit == PythonJit.On };
            yield return isOn
                ? new(Verdict.Limited, "Python's JIT", "on",
                    "Code that it makes has no names and no unwind information; with it off stacks are whole.", "export PYTHON_JIT=0")
                : new(Verdict.Good, "Python's JIT", "there, and off", "It makes code without names or unwind information.");
        }

        if (python.IsFreeThreaded)
        {
            yield return new(Verdict.Limited, "threads", "built without a global interpreter lock",
                "Samples count the CPU time of all threads; switching -X perf on and off while they run may crash (gh-152330).");
        }

        if (python.AllowsRemoteDebugging is { } allowed)
        {
            bool isDisabled = Environment.GetEnvironmentVariable("PYTHON_DISABLE_REMOTE_DEBUG") is not null;
            yield return allowed && !isDisabled
                ? new(Verdict.Good, "remote debugging", "allowed", "Profiling can be switched on in a process that runs (PEP 768).")
                : new(Verdict.Limited, "remote debugging", isDisabled ? "off: PYTHON_DISABLE_REMOTE_DEBUG is set" : "off: it was built without",
                    "Profiling cannot be switched on in a process that runs.");
        }

        if (togglesSafely is false)
        {
            yield return new(Verdict.Limited, "known fault", "switching the trampolines off and on again crashes it at its end",
                "Its own trampolines, not the agent's. Tried: -X perf is safe, and so is sys.activate_stack_trampoline() called once.");
        }

        if (python.HasPerfSupport && python.Version == new Version(3, 13, 0))
        {
            yield return new(Verdict.Limited, "known fault", "3.13.0 with -X perf may crash at its end where daemon threads run",
                "Not with the agent. Seen in 1 of 6 runs; other versions were not seen to.");
        }
    }

    private string FullTitle => $"{python.Title}.{python.Version.Build}";
}
