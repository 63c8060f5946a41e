using System.ComponentModel;
using System.Diagnostics;
using Viperf.Core.Linux;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;

namespace Viperf.Core.Recording;

/// <summary>The perf that is installed beside viperf, and whether it can read what Python's JIT mode writes.</summary>
/// <param name="Version">What it calls itself: <c>6.1.0</c>; distributions patch what has a number.</param>
/// <param name="Jit">What became of a tiny recording that it was given.</param>
public sealed record InstalledPerf(string Version, JitAbility Jit)
{
    /// <summary>It answers in well under a second; one that does not is not waited for.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Finds perf on PATH and tries it, in a directory that is gone afterwards; null if there is none.</summary>
    public static InstalledPerf? Try()
    {
        string directory = Directory.CreateTempSubdirectory("viperf-doctor-").FullName;
        try
        {
            if (Execute(directory, "version") is not { } version)
            {
                return null;
            }

            return new InstalledPerf(
                version.Output.Trim().Replace("perf version ", "", StringComparison.Ordinal), TryJit(directory));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static JitAbility TryJit(string directory)
    {
        var probe = new JitProbe(directory);
        probe.Write();
        string injected = Path.Combine(directory, "injected.data");
        if (Execute(directory, "inject", "--jit", "-i", probe.RecordingPath, "-o", injected) is not { ExitCode: 0 }
            || HasTrueAddresses(probe.InjectedPrefix + "1.so") is not { } isTrue)
        {
            return JitAbility.Unknown;
        }

        string stack = Execute(directory, "script", "-i", injected, "-F", "ip,sym")?.Output ?? "";
        return stack.Contains(JitProbe.Outer, StringComparison.Ordinal) ? JitAbility.Unwinds
            : !isTrue ? JitAbility.WritesWrongAddresses
            : stack.Contains(JitProbe.Inner, StringComparison.Ordinal) ? JitAbility.LosesCallers
            : JitAbility.WritesTrueAddresses; // no stack at all: some builds want more of a recording than this one has
    }

    /// <summary>
    /// Whether the program header of an ELF file puts its code where the section does: perf before 6.7.2 and 6.8 wrote 0
    /// there. Null where the file is not there, or no such file.
    /// </summary>
    private static bool? HasTrueAddresses(string path)
    {
        try
        {
            using var source = new FileSource(path);
            var file = ElfFile.Open(source);
            return file.FindSection(".text"u8) is { } text
                && file.TryGetFileOffset(text.Address, out ulong offset) && offset == text.Offset;
        }
        catch (Exception failure) when (failure is ParseException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Runs perf with that directory as its home, its working directory and its place for build-ids.</summary>
    private static (int ExitCode, string Output)? Execute(string directory, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("perf", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory,
        };
        start.Environment["HOME"] = directory;
        start.Environment["TMPDIR"] = directory;
        start.Environment["PERF_BUILDID_DIR"] = directory;
        start.Environment["PERF_PAGER"] = "";
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEndAsync();
            if (!Task.WhenAll(errors, output).Wait(s_patience))
            {
                process.Kill(entireProcessTree: true);
                return null;
            }

            process.WaitForExit();
            return (process.ExitCode, output.Result);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}

/// <summary>What perf makes of code that has unwind information in a jitdump.</summary>
public enum JitAbility
{
    /// <summary>It could not be tried: its inject has no --jit, or did not answer.</summary>
    Unknown,

    /// <summary>It finds the callers of jitted code.</summary>
    Unwinds,

    /// <summary>The files that it injects are right; whether it unwinds with them the recording was too small to show.</summary>
    WritesTrueAddresses,

    /// <summary>It finds none: it was built without a library to unwind with, or has the fault that 6.8 mended.</summary>
    LosesCallers,

    /// <summary>It finds none, and the files that it injects have wrong addresses: the fault that 6.8 mended.</summary>
    WritesWrongAddresses,
}
