using System.Globalization;

namespace Viperf.Core.Linux;

/// <summary>The kernel's lists of CPUs below /sys/devices/system/cpu: <c>0-2,5</c>.</summary>
public static class CpuList
{
    private const string Directory = "/sys/devices/system/cpu/";

    /// <summary>CPUs in use.</summary>
    public static IReadOnlyList<int> Online() => Parse(ProcFs.ReadText(Directory + "online"));

    /// <summary>CPUs that the machine has, in use or not.</summary>
    public static IReadOnlyList<int> Present() => Parse(ProcFs.ReadText(Directory + "present"));

    /// <summary>Reads a list; where the kernel says nothing there is CPU 0.</summary>
    internal static IReadOnlyList<int> Parse(string? text)
    {
        var cpus = new List<int>();
        foreach (string range in (text ?? "").Trim().Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ends = range.Split('-');
            int first = int.Parse(ends[0], CultureInfo.InvariantCulture);
            int last = int.Parse(ends[^1], CultureInfo.InvariantCulture);
            cpus.AddRange(Enumerable.Range(first, last - first + 1));
        }

        return cpus.Count > 0 ? cpus : [0];
    }
}
