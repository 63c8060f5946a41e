using System.Globalization;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Symbols;

/// <summary>The kernel's names from other lists than the running kernel's.</summary>
public class KernelTests
{
    /// <summary>As after another start of the same kernel, which then lies elsewhere.</summary>
    [Fact]
    public void A_list_of_another_start_names_the_same_functions()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root records the kernel");
        using var program = new HotProgram();
        program.Viperf(["record", "-F", "5000", "-e", "cpu-clock", "-o", program.FileBeside("perf.data"), "find", "/proc/self", "/usr", "-maxdepth", "4", "-size", "+1"]).Succeeded();
        string list = program.FileBeside("moved");
        File.WriteAllLines(list, File.ReadLines("/proc/kallsyms").Select(line =>
        {
            ulong address = ulong.Parse(line.AsSpan(0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            return $"{(address >> 63 == 0 ? address : address + 0x1200000):x16}{line[16..]}";
        }));

        string[] expected = KernelLines(program.Report(["--dsos", "[kernel.kallsyms]"]));
        Assert.NotEmpty(expected);
        Assert.Equal(expected, KernelLines(program.Report(["--dsos", "[kernel.kallsyms]", "--kallsyms", list])));
        Assert.Contains("no such file", program.Report(["--kallsyms", program.FileBeside("nowhere")]).Error, StringComparison.Ordinal);
    }

    private static string[] KernelLines(ToolResult report) =>
        [.. report.Lines.Where(line => line.Contains("[k] ", StringComparison.Ordinal)).Select(line => line.TrimEnd())];
}
