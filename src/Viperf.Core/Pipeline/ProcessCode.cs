using Viperf.Core.Processes;
using Viperf.Core.Unwinding;

namespace Viperf.Core.Pipeline;

/// <summary>The code of the process that is being unwound, as the unwinder asks for it.</summary>
/// <param name="modules">The modules' files.</param>
/// <param name="jitted">What is known of generated code.</param>
internal sealed class ProcessCode(UnwindModules modules, JittedCode jitted) : ICodeSpace
{
    private ProcessState? _process;
    private ulong? _time;

    /// <inheritdoc/>
    public uint Generation => _process?.Generation ?? 0;

    /// <summary>Turns to a process at a time of the recording.</summary>
    /// <param name="process">The process.</param>
    /// <param name="time">Nanoseconds of CLOCK_MONOTONIC; null where the recording's clock is another.</param>
    public void Enter(ProcessState process, ulong? time)
    {
        _process = process;
        _time = time;
        jitted.Enter(process);
    }

    /// <inheritdoc/>
    public bool TryFind(ulong address, out CodeRegion region)
    {
        if (_process is null || !_process.TryFind(address, out var mapping))
        {
            region = default;
            return false;
        }

        if (mapping.IsJit)
        {
            region = jitted.Find(_process, mapping.Module, address, _time);
            return true;
        }

        var module = modules[mapping.Module];
        region = module.TryGetAddress(address - mapping.Bias, out ulong own)
            ? new CodeRegion(module.Table, address - own)
            : default;
        return true;
    }

    /// <inheritdoc/>
    public bool TryReadCode(ulong address, Span<byte> code)
    {
        if (_process is null || !_process.TryFind(address, out var mapping))
        {
            return false;
        }

        return mapping.IsJit
            ? jitted.TryRead(_process, address, code)
            : modules[mapping.Module].TryRead(address - mapping.Bias, code);
    }
}
