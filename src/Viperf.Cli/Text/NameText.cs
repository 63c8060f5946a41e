using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Core.Views;

namespace Viperf.Cli.Text;

/// <summary>Says why code has no function's name, and what to do about it.</summary>
/// <param name="packages">What the distribution has to be told.</param>
internal sealed class NameText(DebugPackages packages)
{
    private const string Deleted = " (deleted)";

    /// <summary>The reason in a few words.</summary>
    public static string Reason(UnnamedReason reason) => reason switch
    {
        UnnamedReason.NotInTable => "no symbol covers the places",
        UnnamedReason.Stripped => "stripped, and no debug file found",
        UnnamedReason.FileGone => "the file is gone",
        UnnamedReason.FileReplaced => "the file was replaced by another",
        UnnamedReason.NoPermission => "no permission to read the file",
        UnnamedReason.Unreadable => "the file cannot be read",
        UnnamedReason.NotElf => "not an ELF file",
        UnnamedReason.NoMap => "generated code that no perf map or jitdump names",
        UnnamedReason.KernelHidden => "the kernel hides its addresses",
        UnnamedReason.OtherKernel => "another kernel than was recorded runs",
        UnnamedReason.NoKernelSymbols => "no list of the kernel's symbols",
        _ => "nothing is known to have been mapped there",
    };

    /// <summary>What would name them; null where nothing would.</summary>
    public string? Remedy(UnnamedGroup group)
    {
        string path = group.Module.Path.EndsWith(Deleted, StringComparison.Ordinal) ? group.Module.Path[..^Deleted.Length] : group.Module.Path;
        string server = $"DEBUGINFOD_URLS={packages.Server}";
        return group.Reason switch
        {
            UnnamedReason.Stripped when group.Module.BuildId.Length != 0 => packages.CommandFor(path) is { } command
                ? $"{command}, or {server}"
                : $"build it without stripping, or install its debug file in /usr/lib/debug, or {server}",
            UnnamedReason.Stripped => packages.CommandFor(path) ?? "build it without stripping",
            UnnamedReason.FileGone or UnnamedReason.FileReplaced when group.Module.BuildId.Length != 0 =>
                $"keep files with: viperf buildid-cache --add {path}, or find the recorded one with {server} or --symfs DIR",
            UnnamedReason.FileGone or UnnamedReason.FileReplaced => $"keep a copy of the file, and show it with --symfs DIR; link it with -Wl,--build-id",
            UnnamedReason.NoPermission => "run as the program's user or as root",
            UnnamedReason.NoMap => "run Python with viperf record's agent or -X perf; node with --perf-basic-prof; .NET with DOTNET_PerfMapEnabled=1",
            UnnamedReason.KernelHidden or UnnamedReason.NoKernelSymbols => "sudo sysctl kernel.kptr_restrict=0, or run as root",
            UnnamedReason.OtherKernel => "read it under the recorded kernel, or with --kallsyms FILE, a copy of its /proc/kallsyms",
            _ => null,
        };
    }
}
