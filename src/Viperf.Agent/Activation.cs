using Viperf.Abi;
using Viperf.Agent.CPython;
using Viperf.Agent.Linux;
using Viperf.Agent.Trampolines;

namespace Viperf.Agent;

/// <summary>Switches trampolines on and off in the interpreter that the caller runs in, whose lock it has.</summary>
internal static unsafe class Activation
{
    /// <summary>Switches them on; does nothing where they are on with the same backend.</summary>
    /// <param name="backend">Where their names go.</param>
    /// <param name="problem">Why not, if not.</param>
    public static bool TryActivate(Backend backend, ref TextBuffer problem)
    {
        if (!IsSupported(ref problem))
        {
            return false;
        }

        if (BuiltInTrampolines.IsActive())
        {
            problem.Add("the interpreter's own trampolines are active (-X perf, or sys.activate_stack_trampoline)"u8);
            return false;
        }

        void* interpreter = PythonApi.GetInterpreter();
        CodeTrampolines.Enter(); // interpreters with locks of their own activate side by side
        var evaluator = Evaluators.GetOrCreate(interpreter);
        ForkGuard.Leave();
        if (evaluator == null)
        {
            problem.Add("no memory to be executed, or more than 64 interpreters with trampolines"u8);
            return false;
        }

        void* installed = Evaluators.GetInstalled(interpreter);
        bool isReached = installed == evaluator->Code || (evaluator->IsChained && installed != PythonApi.DefaultEvaluator);
        if (isReached && evaluator->IsOn && evaluator->Backend == backend)
        {
            return true;
        }

        if (!TryGetSlots(evaluator, ref problem))
        {
            return false;
        }

        int error = CodeTrampolines.OpenFile(backend);
        if (error != 0)
        {
            Problem.DescribeFile(ref problem, error, backend);
            return false;
        }

        evaluator->Backend = backend;
        if (!isReached)
        {
            evaluator->Previous = installed;
        }

        error = Evaluators.Rewrite(evaluator, CodeTrampolines.Layout, isOn: true);
        if (error != 0)
        {
            problem.Add("no memory to be executed"u8);
            return false;
        }

        CodeTrampolines.Announce(evaluator);
        if (!isReached)
        {
            Evaluators.Install(interpreter, evaluator->Code);
            evaluator->IsChained = false;
        }

        return true;
    }

    /// <summary>Switches them off; does nothing where they are off. Calls that run already end through theirs.</summary>
    public static void Deactivate()
    {
        if (!PythonApi.TryResolve())
        {
            return;
        }

        void* interpreter = PythonApi.GetInterpreter();
        var evaluator = Evaluators.Of(interpreter);
        if (evaluator == null || !evaluator->IsOn)
        {
            return;
        }

        // Another library's evaluator that was put above ours goes on to call it.
        bool isOnTop = Evaluators.GetInstalled(interpreter) == evaluator->Code;
        evaluator->IsChained = !isOnTop;
        if (isOnTop)
        {
            Evaluators.Install(interpreter, evaluator->Previous);
        }

        _ = Evaluators.Rewrite(evaluator, CodeTrampolines.Layout, isOn: false);
    }

    /// <summary>True if they are on.</summary>
    public static bool IsActive() => IsActive(out _);

    /// <summary>True if they are on, and with which backend.</summary>
    public static bool IsActive(out Backend backend)
    {
        var evaluator = PythonApi.TryResolve() ? Evaluators.Of(PythonApi.GetInterpreter()) : null;
        backend = evaluator == null ? default : evaluator->Backend;
        return evaluator != null && evaluator->IsOn;
    }

    private static bool IsSupported(ref TextBuffer problem)
    {
        if (!PythonApi.TryResolve())
        {
            problem.Add("this is no CPython from 3.8 on: its functions are not there"u8);
            return false;
        }

        if (PythonApi.IsFreeThreaded())
        {
            problem.Add("CPython "u8);
            Problem.AddVersion(ref problem);
            problem.Add(" runs threads without a global lock, for which there are no safe trampolines"u8);
            return false;
        }

        int minor = PythonApi.MinorVersion();
        if (!Layout.TryGet(minor, out var layout) || (PythonApi.SetEvaluator == null && minor > AgentVersions.OldestMinor))
        {
            problem.Add("CPython "u8);
            Problem.AddVersion(ref problem);
            problem.Add(" is not known to this viperf, which knows 3."u8);
            problem.AddDecimal(AgentVersions.OldestMinor);
            problem.Add(" to 3."u8);
            problem.AddDecimal(AgentVersions.NewestMinor);
            return false;
        }

        CodeTrampolines.Layout = layout;
        if (!ForkGuard.TryCreate())
        {
            problem.Add("no memory"u8);
            return false;
        }

        return true;
    }

    /// <summary>Asks for the code objects' slots where the interpreter has none of ours, and tries them out.</summary>
    private static bool TryGetSlots(Evaluator* evaluator, ref TextBuffer problem)
    {
        if (evaluator->PerfMapIndex >= 0 && AreAtHome(evaluator))
        {
            return true;
        }

        // None yet; or the program ended Python and began anew, with an interpreter of the same number.
        CodeTrampolines.Enter();
        bool done = Evaluators.TryRequestSlots(evaluator);
        ForkGuard.Leave();
        if (!done)
        {
            problem.Add("other libraries have taken the code objects' slots of this interpreter"u8);
            return false;
        }

        if (!AreAtHome(evaluator))
        {
            problem.Add("the code objects of this CPython "u8);
            Problem.AddVersion(ref problem);
            problem.Add(" are not laid out as in its releases"u8);
            return false;
        }

        return true;
    }

    private static bool AreAtHome(Evaluator* evaluator) =>
        CodeExtraProbe.IsAtHome(CodeTrampolines.Layout, evaluator->PerfMapIndex)
        && CodeExtraProbe.IsAtHome(CodeTrampolines.Layout, evaluator->JitDumpIndex);
}
