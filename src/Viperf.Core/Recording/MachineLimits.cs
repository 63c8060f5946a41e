using System.Globalization;
using System.Numerics;
using Viperf.Core.Linux;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>What the machine lets this user record: the kernel's settings, and what it answers when it is tried.</summary>
public sealed record MachineLimits
{
    /// <summary>CAP_IPC_LOCK, CAP_SYS_ADMIN and CAP_PERFMON of <c>linux/capability.h</c>.</summary>
    private const int LockCapability = 14;
    private const int AdminCapability = 21;
    private const int PerfmonCapability = 38;

    /// <summary>The release of the kernel; empty where it is not known.</summary>
    public string KernelRelease { get; init; } = "";

    /// <summary>kernel.perf_event_paranoid; null where there is none: a kernel without perf events.</summary>
    public int? Paranoid { get; init; }

    /// <summary>kernel.perf_event_mlock_kb: what a user's rings may take for each CPU, in KiB.</summary>
    public long? MlockKib { get; init; }

    /// <summary>kernel.perf_event_max_sample_rate, in Hz; the kernel lowers it where samples take too long.</summary>
    public uint? MaxSampleRate { get; init; }

    /// <summary>kernel.perf_event_max_stack: the most frames of a call chain.</summary>
    public int? MaxStack { get; init; }

    /// <summary>kernel.kptr_restrict: who sees addresses of the kernel.</summary>
    public int? KptrRestrict { get; init; }

    /// <summary>kernel.yama.ptrace_scope; null where that module is not in use.</summary>
    public int? PtraceScope { get; init; }

    /// <summary>RLIMIT_MEMLOCK in bytes; null where there is no limit, or it is not known.</summary>
    public long? LockedMemory { get; init; }

    /// <summary>CPUs in use.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>May record what perf_event_paranoid forbids others (root, CAP_PERFMON).</summary>
    public bool IsPrivileged { get; init; }

    /// <summary>May lock memory without a limit (root, CAP_IPC_LOCK).</summary>
    public bool MayLockAll { get; init; }

    /// <summary>A filter of system calls is in force (seccomp), as container runtimes set one.</summary>
    public bool IsFiltered { get; init; }

    /// <summary>What contains this process: <c>docker</c>, <c>kubepods</c>; empty where nothing seems to.</summary>
    public string Container { get; init; } = "";

    /// <summary>The error number of recording the CPU clock of an own thread, in user space; 0 if it can be done.</summary>
    public int UserError { get; init; }

    /// <summary>The same with the kernel's side.</summary>
    public int KernelError { get; init; }

    /// <summary>Whether there is a counter of CPU cycles; without one time is sampled by a clock.</summary>
    public bool HasCycles { get; init; }

    /// <summary>How often the kernel looks at timers of threads' CPU time, in Hz; null where it does not say.</summary>
    public uint? TimerRate { get; init; }

    /// <summary>Whether samples can be taken by the kernel's events.</summary>
    public bool CanRecord => UserError == 0;

    /// <summary>
    /// The largest ring for each CPU that this user gets, in bytes and without its header; null where there is no limit. A
    /// user's rings together take mlock_kb for each CPU, and beyond that what RLIMIT_MEMLOCK leaves.
    /// </summary>
    public long? LargestRing
    {
        get
        {
            if (MayLockAll || MlockKib is not { } kib || LockedMemory is not { } locked)
            {
                return null;
            }

            long pageSize = Environment.SystemPageSize;
            long bytes = (kib << 10) + locked / Cpus - pageSize;
            return bytes < pageSize ? 0 : 1L << BitOperations.Log2((ulong)bytes);
        }
    }

    /// <summary>Reads the settings, and tries to open events on this thread: nothing counts, and nothing is left.</summary>
    public static MachineLimits Read()
    {
        string status = ProcFs.ReadText("/proc/self/status") ?? "";
        ulong capabilities = ulong.TryParse(
            FieldOf(status, "CapEff:"), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong mask) ? mask : 0;
        const AttrFlags userOnly = AttrFlags.exclude_kernel | AttrFlags.exclude_hv;
        return new MachineLimits
        {
            KernelRelease = ProcFs.ReadSetting("kernel/osrelease") ?? "",
            Paranoid = Number("kernel/perf_event_paranoid"),
            MlockKib = Number("kernel/perf_event_mlock_kb"),
            MaxSampleRate = (uint?)Number("kernel/perf_event_max_sample_rate"),
            MaxStack = Number("kernel/perf_event_max_stack"),
            KptrRestrict = Number("kernel/kptr_restrict"),
            PtraceScope = Number("kernel/yama/ptrace_scope"),
            LockedMemory = LimitOf(ProcFs.ReadText("/proc/self/limits") ?? "", "Max locked memory"),
            Cpus = Math.Max(CpuList.Online().Count, 1),
            IsPrivileged = Has(AdminCapability) || Has(PerfmonCapability),
            MayLockAll = Has(LockCapability),
            IsFiltered = FieldOf(status, "Seccomp:") is "2",
            Container = ContainerOf(
                ProcFs.ReadText("/proc/1/cgroup") ?? "", Environment.GetEnvironmentVariable("container"), File.Exists),
            TimerRate = SystemClock.Tick is > 0 and var tick ? (uint)(1_000_000_000 / tick) : null,
            UserError = Try(PerfEventKind.PERF_TYPE_SOFTWARE, userOnly),
            KernelError = Try(PerfEventKind.PERF_TYPE_SOFTWARE, 0),
            HasCycles = Try(PerfEventKind.PERF_TYPE_HARDWARE, userOnly) == 0,
        };

        bool Has(int capability) => (capabilities >> capability & 1) != 0;
    }

    /// <summary>The soft limit of a row of /proc/PID/limits; null where it is unlimited or not there.</summary>
    internal static long? LimitOf(string limits, string row)
    {
        string? value = FieldOf(limits, row);
        return long.TryParse(value?.Split(' ')[0], CultureInfo.InvariantCulture, out long limit) ? limit : null;
    }

    /// <summary>Tells what contains a process by the marks that container runtimes leave.</summary>
    /// <param name="cgroup">/proc/1/cgroup.</param>
    /// <param name="variable">The environment's <c>container</c>, which systemd-nspawn, podman and lxc set.</param>
    /// <param name="exists">Whether a file is there.</param>
    internal static string ContainerOf(string cgroup, string? variable, Func<string, bool> exists) =>
        variable is { Length: > 0 } ? variable
        : exists("/.dockerenv") ? "docker"
        : exists("/run/.containerenv") ? "podman"
        : ((string[])["kubepods", "docker", "containerd", "lxc"]).FirstOrDefault(
            name => cgroup.Contains(name, StringComparison.Ordinal)) ?? "";

    /// <summary>Opens an event 0 of its kind (the CPU clock, CPU cycles) on this thread and closes it.</summary>
    /// <returns>0, or the error number.</returns>
    private static int Try(PerfEventKind kind, AttrFlags exclude)
    {
        var spec = new EventSpec { Name = "", Kind = kind, Config = 0, Exclude = exclude };
        // Modest, so that what is refused is the event and not a part of its attr that the kernel is too old for.
        var attr = AttrBuilder.Build(
            spec, new RecordOptions { BuildIds = false, CallGraph = true }, new AttrBuilder.Setting(1, false, false, false), tracking: false);
        attr.read_format = 0;
        int fd = PerfEvent.Open(attr, 0, -1, out int errno);
        if (fd >= 0)
        {
            _ = Descriptor.Close(fd);
        }

        return errno;
    }

    private static int? Number(string setting) =>
        int.TryParse(ProcFs.ReadSetting(setting), CultureInfo.InvariantCulture, out int number) ? number : null;

    /// <summary>What stands behind a name at the start of a line.</summary>
    private static string? FieldOf(string text, string name)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(name))
            {
                return line[name.Length..].Trim().ToString();
            }
        }

        return null;
    }
}
