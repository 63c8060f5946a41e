using Viperf.Core.Processes;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Core.Unwinding;
using Viperf.Formats.Elf;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>Unwinds samples' stacks with what the timeline knows of their processes.</summary>
internal sealed class ProcessUnwinder : IDisposable
{
    private readonly StackUnwinder _unwinder;
    private readonly UnwindModules _modules;
    private readonly ProcessCode _code;

    private ProcessUnwinder(StackUnwinder unwinder, UnwindModules modules, JittedCode jitted)
    {
        _unwinder = unwinder;
        _modules = modules;
        _code = new ProcessCode(_modules, jitted);
    }

    /// <summary>Counts of what the cache of rules did.</summary>
    public RuleCache Cache => _unwinder.Cache;

    /// <summary>Makes an unwinder.</summary>
    /// <param name="profile">Whose modules the timeline's mappings name.</param>
    /// <param name="machine">The processor that the recording was made on.</param>
    /// <param name="finder">Finds the modules' files.</param>
    /// <param name="jitted">What is known of generated code.</param>
    /// <param name="warn">Takes what cannot be read, a line each.</param>
    /// <returns>Null for processors that viperf does not unwind.</returns>
    public static ProcessUnwinder? For(
        Profile profile, ElfMachine machine, FileFinder finder, JittedCode jitted, Action<string> warn) =>
        StackUnwinder.For(machine) is { } unwinder
            ? new ProcessUnwinder(unwinder, new UnwindModules(profile, machine, finder, warn), jitted)
            : null;

    /// <summary>Unwinds a sample's stack.</summary>
    /// <param name="process">The process, at the sample's time.</param>
    /// <param name="time">The sample's time, nanoseconds of CLOCK_MONOTONIC; null where the recording's clock is another.</param>
    /// <param name="state">Registers and stack.</param>
    /// <param name="chain">Gets the entries added.</param>
    public UnwindResult Unwind(ProcessState process, ulong? time, in UserStateView state, CallChain chain)
    {
        _code.Enter(process, time);
        return _unwinder.Unwind(_code, state, chain);
    }

    /// <inheritdoc/>
    public void Dispose() => _modules.Dispose();
}
