using System.Globalization;
using Viperf.Core.Linux;
using Viperf.Core.Recording;

namespace Viperf.Cli.Text;

/// <summary>What a machine lets its user record, in words.</summary>
/// <param name="machine">Its limits.</param>
/// <param name="perf">The perf that is installed; null for none.</param>
/// <param name="hasCapture">Whether the interpreter's threads can be sampled by timers where the kernel refuses its events.</param>
internal sealed class MachineFindings(MachineLimits machine, InstalledPerf? perf, bool hasCapture)
{
    /// <summary>A rate that sampling is commonly done at.</summary>
    private const uint CommonRate = 9999;

    /// <summary>Deep Python programs have call chains of many hundreds of frames.</summary>
    private const int AmpleStack = 1024;

    /// <summary>What a refusal of the kernel's events means.</summary>
    private Verdict Refused => hasCapture ? Verdict.Limited : Verdict.Bad;

    private string ByTimers => !hasCapture ? ""
        : machine.TimerRate is { } rate
            ? string.Create(CultureInfo.InvariantCulture, $"viperf run takes timers of Python's threads instead, up to {rate} samples a second; other programs are not sampled. ")
            : "viperf run takes timers of Python's threads instead; other programs are not sampled. ";

    /// <summary>All of them.</summary>
    public IEnumerable<Finding> All()
    {
        yield return Permission();
        yield return KernelSide();
        yield return Cycles();
        yield return Rate();
        yield return StackLimit();
        yield return Rings();
        yield return KernelNames();
        yield return Perf();
        if (machine.PtraceScope is > 0 and var scope && !machine.IsPrivileged)
        {
            yield return new(Verdict.Limited, "ptrace", $"kernel.yama.ptrace_scope is {scope}",
                "Programs that viperf starts are recorded all the same; to attach to one that runs (-p) may be refused.");
        }

        if (machine.Container.Length > 0)
        {
            yield return new(Verdict.Limited, "container", $"it seems: {machine.Container}",
                "Settings of the kernel are the host's, and changed there.");
        }
    }

    private Finding Permission()
    {
        const string subject = "recording";
        string paranoid = machine.Paranoid is { } level ? $"kernel.perf_event_paranoid is {level}" : "this kernel has no perf events";
        string who = machine.IsPrivileged ? ", which does not bind you" : "";
        return machine.UserError switch
        {
            0 => new(Verdict.Good, subject, $"allowed: {paranoid}{who}"),
            Errno.EACCES => new(Refused, subject, $"refused: {paranoid}",
                $"{ByTimers}An ordinary user records own programs at 2 and below, as root decides.",
                "sudo sysctl kernel.perf_event_paranoid=2"),
            Errno.EPERM when machine.IsFiltered => new(Refused, subject, "refused by a filter of system calls (seccomp)",
                $"{ByTimers}Containers forbid perf_event_open unless they are started with the right to it.",
                "docker run --cap-add PERFMON …"),
            Errno.EPERM => new(Refused, subject, $"refused by the system's security module; {paranoid}",
                $"{ByTimers}Its administrator decides: the kernel itself would have said otherwise."),
            Errno.ENOSYS => new(Refused, subject, $"not there: {paranoid}", $"{ByTimers}The kernel must be built with CONFIG_PERF_EVENTS."),
            var error => new(Verdict.Bad, subject, $"fails: {Errno.Text(error)}; {paranoid}",
                "The kernel must be built with CONFIG_PERF_EVENTS."),
        };
    }

    private Finding KernelSide()
    {
        const string subject = "kernel's part";
        string release = $"Linux {machine.KernelRelease}";
        return machine.KernelError == 0
            ? new(Verdict.Good, subject, $"recorded too ({release})")
            : machine.CanRecord
                ? new(Verdict.Limited, subject, $"left out ({release})",
                    "Samples that fall into the kernel are not taken: viperf run shows their time as [kernel: not permitted].",
                    "sudo sysctl kernel.perf_event_paranoid=1")
                : new(Refused, subject, $"refused as well ({release})",
                    hasCapture ? "viperf run shows its time as part of the calling function." : "");
    }

    private Finding Cycles() => machine.HasCycles
        ? new(Verdict.Good, "clock", "CPU cycles, or the CPU clock (viperf run takes the clock)")
        : new(machine.CanRecord ? Verdict.Good : Verdict.Unknown, "clock", "the CPU clock: no counter of cycles here, as in most virtual machines",
            "viperf run samples time anyway; viperf record takes cpu-clock in place of cycles.");

    private Finding Rate()
    {
        const string subject = "sample rate";
        if (machine.MaxSampleRate is not { } rate)
        {
            return new(Verdict.Unknown, subject, "no limit is told");
        }

        string fact = string.Create(CultureInfo.InvariantCulture, $"up to {rate:N0} Hz (-F max)");
        return rate >= CommonRate
            ? new(Verdict.Good, subject, fact)
            : new(Verdict.Limited, subject, fact,
                "The kernel lowers it where samples take too long, and refuses higher rates.",
                "sudo sysctl kernel.perf_event_max_sample_rate=100000");
    }

    private Finding StackLimit()
    {
        const string subject = "call chains";
        return machine.MaxStack switch
        {
            null => new(Verdict.Unknown, subject, "no limit is told"),
            < AmpleStack and var most => new(Verdict.Limited, subject, $"up to {most} frames (kernel.perf_event_max_stack)",
                "Chains by frame pointers that are deeper lose their outer callers; stack dumps have no such limit.",
                $"sudo sysctl kernel.perf_event_max_stack={AmpleStack}"),
            var most => new(Verdict.Good, subject, $"up to {most} frames"),
        };
    }

    private Finding Rings()
    {
        const string subject = "rings";
        if (machine.MlockKib is not { } kib)
        {
            return new(Verdict.Unknown, subject, "no limit is told");
        }

        long usual = (long)RingPages.MayBeLocked(kib, Environment.SystemPageSize) * Environment.SystemPageSize;
        string fact = $"{Size(usual)} for each CPU by default (kernel.perf_event_mlock_kb is {kib})";
        return machine.LargestRing switch
        {
            null => new(Verdict.Good, subject, fact, "You may ask for more without a limit: -m 64M."),
            var largest when largest > usual => new(Verdict.Good, subject, fact,
                $"RLIMIT_MEMLOCK, {Size(machine.LockedMemory ?? 0)}, leaves room for -m {Size(largest.Value, unitOnly: true)} in one recording."),
            _ => new(Verdict.Limited, subject, fact, "Large stack dumps at high rates may be lost; a larger ring takes a higher limit.",
                "sudo sysctl kernel.perf_event_mlock_kb=16384"),
        };
    }

    private Finding KernelNames()
    {
        const string subject = "kernel's names";
        return machine.KptrRestrict switch
        {
            null => new(Verdict.Unknown, subject, "kernel.kptr_restrict is not told"),
            0 => new(Verdict.Good, subject, "to be had (kernel.kptr_restrict is 0)"),
            1 when machine.IsPrivileged => new(Verdict.Good, subject, "to be had (kernel.kptr_restrict is 1, you are privileged)"),
            var level => new(machine.KernelError == 0 ? Verdict.Limited : Verdict.Good, subject, $"hidden (kernel.kptr_restrict is {level})",
                machine.KernelError == 0 ? "Frames of the kernel stay addresses." : "None are recorded, either.",
                machine.KernelError == 0 ? ["sudo sysctl kernel.kptr_restrict=0"] : []),
        };
    }

    private Finding Perf()
    {
        const string subject = "perf";
        const string reads = "viperf reads such recordings itself.";
        return perf switch
        {
            null => new(Verdict.Good, subject, "not installed, and not needed"),
            { Jit: JitAbility.Unwinds } => new(Verdict.Good, subject, $"{perf.Version}: finds the callers of jitted code (tried)"),
            { Jit: JitAbility.WritesTrueAddresses } => new(Verdict.Good, subject, $"{perf.Version}: its inject --jit writes true addresses (tried)"),
            { Jit: JitAbility.WritesWrongAddresses } => new(Verdict.Limited, subject,
                $"{perf.Version}: its inject --jit writes wrong addresses (tried)",
                $"The fault that perf 6.8 and 6.7.2 mended: with -X perf_jit its stacks end at the first Python function. {reads}"),
            { Jit: JitAbility.LosesCallers } => new(Verdict.Limited, subject, $"{perf.Version}: loses the callers of jitted code (tried)",
                $"It cannot unwind, or has the fault that 6.8 mended: with -X perf_jit its stacks end at the first Python function. {reads}"),
            _ => new(Verdict.Unknown, subject, $"{perf.Version}: whether it reads -X perf_jit could not be tried",
                $"Versions before 6.8 and 6.7.2 do not, unless patched. {reads}"),
        };
    }

    /// <summary>A power of two in the largest unit that divides it.</summary>
    private static string Size(long bytes, bool unitOnly = false)
    {
        var (number, unit) = bytes >= 1 << 20 && bytes % (1 << 20) == 0 ? (bytes >> 20, "M") : (bytes >> 10, "K");
        return string.Create(CultureInfo.InvariantCulture, $"{number}{(unitOnly ? unit : $" {unit}iB")}");
    }
}
