using System.Globalization;
using Viperf.Core.Recording;
using Xunit;

namespace Viperf.Tests.Recording;

public class MachineLimitsTests
{
    private const string Limits =
        """
        Limit                     Soft Limit           Hard Limit           Units     
        Max stack size            8388608              unlimited            bytes     
        Max locked memory         65536                8388608              bytes     
        Max address space         unlimited            unlimited            bytes     

        """;

    [Theory]
    [InlineData("Max locked memory", 65536L)]
    [InlineData("Max stack size", 8388608L)]
    [InlineData("Max address space", null)]
    [InlineData("Max of nothing", null)]
    public void A_limit_is_the_soft_one_of_its_row(string row, long? expected) =>
        Assert.Equal(expected, MachineLimits.LimitOf(Limits, row));

    [Theory]
    [InlineData("0::/", null, "", "")]
    [InlineData("0::/", "podman", "", "podman")]
    [InlineData("0::/", null, "/.dockerenv", "docker")]
    [InlineData("0::/", null, "/run/.containerenv", "podman")]
    [InlineData("11:cpu:/kubepods/besteffort/pod1", null, "", "kubepods")]
    public void A_container_is_known_by_the_marks_of_its_runtime(string cgroup, string? variable, string file, string expected) =>
        Assert.Equal(expected, MachineLimits.ContainerOf(cgroup, variable, path => path == file));

    [Fact]
    public void Rings_take_what_the_kernel_gives_and_what_the_user_may_lock()
    {
        var machine = new MachineLimits { MlockKib = 516, LockedMemory = 8 << 20, Cpus = 2 };
        Assert.SkipUnless(Environment.SystemPageSize == 4096, "the figures are for pages of 4 KiB");

        Assert.Equal(4 << 20, machine.LargestRing); // 516 KiB and 4 MiB, less the header's page
        Assert.Equal(512 << 10, (machine with { LockedMemory = 0 }).LargestRing);
        Assert.Equal(0, (machine with { LockedMemory = 0, MlockKib = 4 }).LargestRing);
        Assert.Null((machine with { MayLockAll = true }).LargestRing);
        Assert.Null((machine with { LockedMemory = null }).LargestRing);
    }

    [Fact]
    public void This_machines_settings_are_read()
    {
        var machine = MachineLimits.Read();

        Assert.Equal(File.ReadAllText("/proc/sys/kernel/osrelease").Trim(), machine.KernelRelease);
        Assert.SkipUnless(File.Exists("/proc/sys/kernel/perf_event_paranoid"), "this kernel has no perf events");
        Assert.Equal(File.ReadAllText("/proc/sys/kernel/perf_event_paranoid").Trim(), machine.Paranoid?.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(File.ReadAllText("/proc/sys/kernel/perf_event_max_stack").Trim(), machine.MaxStack?.ToString(CultureInfo.InvariantCulture));
        Assert.True(machine.UserError == 0 || machine.KernelError != 0, "the kernel's side is allowed where one's own is not");
        Assert.Equal(Environment.ProcessorCount, machine.Cpus);
    }
}
