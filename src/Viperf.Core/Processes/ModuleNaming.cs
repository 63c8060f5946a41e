using System.Globalization;
using Viperf.Core.Profiles;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Processes;

/// <summary>Says what kind of module a mapping's name means, by the kernel's conventions for such names.</summary>
internal static class ModuleNaming
{
    /// <summary>What perf writes for the kernel's own text, followed by the name of a symbol in it.</summary>
    private const string KernelPrefix = "[kernel.kallsyms]";

    private const string JitDumpPrefix = "jit-";
    private const string JitDumpSuffix = ".dump";

    /// <summary>The module of an executable mapping in a process.</summary>
    public static Module OfProcess(in MmapView mmap)
    {
        string name = ByteReader.Text(mmap.FileName);
        string buildId = Convert.ToHexStringLower(mmap.BuildId);
        if (name == "[vdso]")
        {
            return new Module(ModuleKind.Vdso, name, buildId, 0, mmap.Pid);
        }

        if (IsAnonymous(name))
        {
            return new Module(ModuleKind.Jit, $"/tmp/perf-{mmap.Pid}.map", "", 0, mmap.Pid);
        }

        return name.StartsWith('[')
            ? new Module(ModuleKind.Memory, name, "", 0, mmap.Pid)
            : new Module(ModuleKind.File, name, buildId, mmap.Inode, mmap.Pid) { Device = (mmap.DeviceMajor, mmap.DeviceMinor) };
    }

    /// <summary>The module of a mapping of the kernel's own (pid -1).</summary>
    public static Module OfKernel(in MmapView mmap)
    {
        string name = ByteReader.Text(mmap.FileName);
        string buildId = Convert.ToHexStringLower(mmap.BuildId);
        return name.StartsWith(KernelPrefix, StringComparison.Ordinal)
            ? new Module(ModuleKind.Kernel, KernelPrefix, buildId, 0, 0)
            : new Module(ModuleKind.KernelModule, name, buildId, 0, 0);
    }

    /// <summary>
    /// Which symbol of the kernel lay where: recorders put its name behind the module's and its address in place of an offset.
    /// Null for other mappings.
    /// </summary>
    public static (string Symbol, ulong Address)? KernelReference(in MmapView mmap)
    {
        string name = ByteReader.Text(mmap.FileName);
        return name.Length > KernelPrefix.Length && name.StartsWith(KernelPrefix, StringComparison.Ordinal) && mmap.FileOffset != 0
            ? (name[KernelPrefix.Length..], mmap.FileOffset)
            : null;
    }

    /// <summary>
    /// What the code lies in that a mapped file tells of, if it is a jitdump by its name, <c>jit-PID.dump</c>: a runtime maps a
    /// page of the one that it writes, so that profilers learn of it. Null for other files.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="pid">The process that mapped it.</param>
    /// <param name="writer">The writer's pid, as it sees it itself: inside its pid namespace.</param>
    public static Module? JitDump(Module file, int pid, out int writer) =>
        IsJitDump(file.Path, out writer) ? new Module(ModuleKind.Jit, file.Path, "", 0, pid) : null;

    /// <summary>True for the path of a jitdump.</summary>
    /// <param name="path">The path.</param>
    /// <param name="writer">The pid in its name.</param>
    public static bool IsJitDump(string path, out int writer)
    {
        var name = Path.GetFileName(path.AsSpan());
        writer = 0;
        return name.StartsWith(JitDumpPrefix) && name[JitDumpPrefix.Length..].EndsWith(JitDumpSuffix)
            && int.TryParse(name[JitDumpPrefix.Length..^JitDumpSuffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out writer);
    }

    /// <summary>The kernel where no mapping record told of it.</summary>
    public static Module UnmappedKernel() => new(ModuleKind.Kernel, KernelPrefix, "", 0, 0);

    /// <summary>Executable memory without a file, or with one that only stands for memory: jitted code.</summary>
    private static bool IsAnonymous(string name) =>
        name is "//anon" or "[heap]" or ""
        || name.StartsWith("[stack", StringComparison.Ordinal)
        || name.StartsWith("[anon:", StringComparison.Ordinal)
        || name.StartsWith("/dev/zero", StringComparison.Ordinal)
        || name.StartsWith("/anon_hugepage", StringComparison.Ordinal)
        || name.StartsWith("/SYSV", StringComparison.Ordinal)
        || name.StartsWith("/memfd:", StringComparison.Ordinal);
}
