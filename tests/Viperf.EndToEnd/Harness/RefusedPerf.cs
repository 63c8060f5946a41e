using System.Globalization;
using Xunit;

namespace Viperf.EndToEnd.Harness;

/// <summary>Runs programs where perf_event_open is refused, which a filter stands for (tests/workloads/refused.c).</summary>
internal sealed class RefusedPerf : IDisposable
{
    /// <summary>EPERM: what containers' filters answer.</summary>
    public const int NotPermitted = 1;

    /// <summary>EACCES: what the kernel answers where perf_event_paranoid forbids it.</summary>
    public const int Denied = 13;

    /// <summary>ENOSYS: what newer filters answer.</summary>
    public const int NoSuchCall = 38;

    private readonly TempDirectory _directory = new();
    private readonly string _filter;

    /// <summary>Prepares; skips the test without a compiler.</summary>
    public RefusedPerf()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/gcc"), "gcc is not installed");
        _filter = _directory.File("refused");
        new Tool { File = "gcc" }.Run("-O1", "-Wall", "-Werror", "-o", _filter, Workload.PathOf("refused.c")).Succeeded();
        const UnixFileMode everybodyMayPass = (UnixFileMode)0x1ED; // rwxr-xr-x
        File.SetUnixFileMode(_directory.Path, everybodyMayPass);
    }

    /// <summary>A directory for recordings.</summary>
    public TempDirectory Directory => _directory;

    /// <summary>The command that runs a program so, to be followed by the program's arguments.</summary>
    public string[] Command(int errno, string program) => [_filter, errno.ToString(CultureInfo.InvariantCulture), program];

    /// <summary>Runs viperf so, in <see cref="Directory"/>.</summary>
    public ToolResult Run(int errno, params IEnumerable<string> args)
    {
        string[] command = Command(errno, ViperfBinary.Path);
        return new Tool { File = command[0], WorkingDirectory = _directory.Path }.Run([.. command[1..], .. args]);
    }

    /// <summary>Removes what was built and recorded.</summary>
    public void Dispose() => _directory.Dispose();
}
