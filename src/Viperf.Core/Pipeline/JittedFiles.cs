using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Viperf.Core.Linux;
using Viperf.Formats.Jit;

namespace Viperf.Core.Pipeline;

/// <summary>One ELF file that was written.</summary>
/// <param name="Path">Its path, absolute.</param>
/// <param name="Status">Which file it is.</param>
/// <param name="TextOffset">Where in it the code begins.</param>
internal sealed record JittedFile(byte[] Path, FileStatus Status, int TextOffset);

/// <summary>
/// Writes <c>jitted-PID-INDEX.so</c> files into one directory. Others may write there too: no link is followed, and nothing
/// is replaced but files that an earlier run wrote.
/// </summary>
internal sealed class JittedFiles
{
    /// <summary>Where perf takes files of this name for its own.</summary>
    private const string PerfsDirectory = "/tmp";

    private const UnixFileMode Mode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const int HashBytes = 16;
    private const int StartBytes = 64;

    private readonly string _directory;
    private readonly JittedElf _elf;

    /// <summary>How many files have each pid and number; more than one where a process wrote two jitdumps.</summary>
    private readonly Dictionary<(int Pid, ulong Index), int> _counts = [];

    /// <summary>Creates a writer of files.</summary>
    /// <param name="directory">Where they go.</param>
    public JittedFiles(string directory)
    {
        _directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        _elf = new JittedElf(_directory == PerfsDirectory ? JittedElfLayout.Perf : JittedElfLayout.SharedObject);
    }

    /// <summary>Writes the file of one piece of code.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public JittedFile Write(int pid, ulong index, in JittedFunction code)
    {
        int count = _counts[(pid, index)] = _counts.GetValueOrDefault((pid, index)) + 1;
        string suffix = count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"-{count}");
        string path = Path.Combine(
            _directory, string.Create(CultureInfo.InvariantCulture, $"jitted-{pid}-{index}{suffix}.so"));
        var content = _elf.Build(code);
        Span<byte> buildId = stackalloc byte[JittedElf.BuildIdBytes];
        XxHash128.Hash(content, buildId);
        XxHash32.Hash(content, buildId[HashBytes..]); // XxHash128 fills 16 of 20 bytes
        _elf.SetBuildId(buildId);
        try
        {
            using var handle = Create(path, out var status);
            Fill(handle, content, path);
            return new JittedFile(Encoding.UTF8.GetBytes(path), status, _elf.TextOffset);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"cannot write {path}: {problem.Message}", problem);
        }
    }

    private static SafeFileHandle Create(string path, out FileStatus status)
    {
        if (NoFollowFile.TryCreate(path, Mode, out status) is { } created)
        {
            return created;
        }

        if (!IsReplaceable(path))
        {
            throw new IOException("something else has this name");
        }

        // Not written over: perf keeps such files in its cache as hard links.
        File.Delete(path);
        return NoFollowFile.TryCreate(path, Mode, out status) ?? throw new IOException("somebody else writes there");
    }

    private static bool IsReplaceable(string path)
    {
        using var handle = NoFollowFile.Open(path, out var status);
        Span<byte> start = stackalloc byte[StartBytes];
        return status.IsRegular && JittedElf.IsOne(start[..RandomAccess.Read(handle, start, 0)]);
    }

    private static void Fill(SafeFileHandle handle, ReadOnlySpan<byte> content, string path)
    {
        try
        {
            RandomAccess.Write(handle, content, 0);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }
}
