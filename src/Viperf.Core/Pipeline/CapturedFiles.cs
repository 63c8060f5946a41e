using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Viperf.Core.Linux;
using Viperf.Core.Profiles;
using Viperf.Core.Python;
using Viperf.Formats.Python;

namespace Viperf.Core.Pipeline;

/// <summary>
/// Writes the files that say which Python function and line stands at which address: ELF files beside the recording, one a
/// process, which every reader of recordings takes for libraries.
/// </summary>
public static class CapturedFiles
{
    /// <summary>Behind the recording's name: the folder of its files.</summary>
    private const string FolderSuffix = ".python";

    /// <summary>The names of all files of captured processes begin with the recording's number.</summary>
    private const string AllFiles = "*-*";

    /// <summary>Behind the name of the recording before the last one.</summary>
    private const string OldSuffix = ".old";

    /// <summary>Where in a file the code's first byte lies.</summary>
    internal const ulong TextOffset = CodeElfWriter.TextOffset;

    /// <summary>Looks for a place for a recording's files; nothing is made there yet.</summary>
    /// <param name="recording">The recording's path.</param>
    /// <returns>How the paths of its files begin.</returns>
    /// <exception cref="UserErrorException">There can be none there.</exception>
    public static string Prepare(string recording)
    {
        string folder = Path.GetFullPath(recording) + FolderSuffix;
        return Try(folder, () =>
        {
            int last = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, AllFiles).Select(NumberOf).DefaultIfEmpty().Max() : 0;
            return Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{last + 1}-"));
        });
    }

    /// <summary>
    /// Makes room for a recording's files. Those of the recording before it stay, which has become FILE.old; older ones go.
    /// </summary>
    /// <param name="prefix">As of <see cref="Prepare"/>.</param>
    /// <exception cref="UserErrorException">There can be none there.</exception>
    internal static void MakeRoom(string prefix)
    {
        string folder = Path.GetDirectoryName(prefix)!;
        int last = NumberOf(prefix) - 1;
        _ = Try(folder, () =>
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            foreach (string old in Directory.GetFiles(folder, AllFiles).Where(file => NumberOf(file) > 0 && NumberOf(file) < last))
            {
                File.Delete(old);
            }

            return folder;
        });
    }

    private static string Try(string folder, Func<string> action)
    {
        try
        {
            return action();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{folder}: no place for what is captured of Python: {problem.Message}");
        }
    }

    /// <summary>The path of a process's file.</summary>
    /// <param name="prefix">As of <see cref="Prepare"/>.</param>
    /// <param name="pid">The process.</param>
    /// <param name="index">Which of the recording's captured processes it is.</param>
    internal static string PathOf(string prefix, int pid, uint index) => prefix + string.Create(CultureInfo.InvariantCulture, $"{pid}-{index}.so");

    /// <summary>Writes all files of a recording that has ended.</summary>
    /// <param name="capture">What was captured.</param>
    /// <exception cref="UserErrorException">A file cannot be written.</exception>
    public static void Write(PythonCapture capture)
    {
        foreach (var stacks in capture.Processes)
        {
            string path = capture.FileOf(stacks);
            try
            {
                Write(path, stacks.Process.PythonMinor, stacks.Code, capture.BuildIdOf(stacks));
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                throw new UserErrorException($"{path}: the Python functions of process {stacks.Process.Pid} cannot be written: {problem.Message}");
            }
        }
    }

    /// <summary>Writes the files that a recorder could not write because it was killed.</summary>
    /// <param name="recording">The recording's path; what it was called before it became FILE.old counts too.</param>
    /// <param name="say">Takes what was done, or why it could not be, a line each.</param>
    public static void Finish(string recording, Action<string> say)
    {
        string path = Path.GetFullPath(recording);
        string folder = (path.EndsWith(OldSuffix, StringComparison.Ordinal) ? path[..^OldSuffix.Length] : path) + FolderSuffix;
        try
        {
            var owner = NoFollowFile.OwnerOf(path);
            var place = new DirectoryInfo(folder);
            if (!place.Exists || place.LinkTarget is not null || NoFollowFile.OwnerOf(folder) != owner)
            {
                return; // others may put there what they like
            }

            foreach (string spool in Directory.GetFiles(folder, "*-" + CaptureSpool.Name))
            {
                FinishSpool(spool, owner, say);
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // Whether something was left nobody may know: whoever looks for the files says that they are missing.
        }
    }

    private static void FinishSpool(string spool, uint? owner, Action<string> say)
    {
        try
        {
            using var handle = NoFollowFile.Open(spool, out var status);
            if (!status.IsRegular || status.Owner != owner || !NoFollowFile.TryLock(handle))
            {
                return; // somebody else's, or its recorder lives
            }

            IReadOnlyCollection<SpooledProcess> processes;
            using (var bytes = new FileStream(handle, FileAccess.Read))
            {
                processes = CaptureSpool.Read(bytes);
                foreach (var process in processes)
                {
                    Write(
                        PathOf(spool[..^CaptureSpool.Name.Length], process.Pid, process.Index), process.PythonMinor, process.Code, process.BuildId);
                }

                File.Delete(spool);
            }

            say($"{spool}: the recorder was killed; what it captured of Python has been written now (processes: {processes.Count})");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            say($"{spool}: the recorder was killed, and what it captured of Python cannot be written: {Errno.Text(problem)}");
        }
    }

    /// <summary>Writes a process's file, which comes to be as a whole.</summary>
    private static void Write(string path, int pythonMinor, CapturedCode code, byte[] buildId)
    {
        if (code.Length == 0)
        {
            return;
        }

        string unfinished = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}");
        try
        {
            using (var stream = new FileStream(unfinished, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                Write(pythonMinor, code, stream, buildId);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>
    /// Gives instructions that the compiler put in by itself, and that have no line, that of those before: time goes by there
    /// too.
    /// </summary>
    private static void FillIn(List<CodeLineRange> lines, int firstLine)
    {
        uint line = (uint)firstLine;
        for (int i = 0; i < lines.Count; i++)
        {
            line = lines[i].Line != 0 ? lines[i].Line : line;
            lines[i] = lines[i] with { Line = line };
        }
    }

    private static int NumberOf(string path)
    {
        string name = Path.GetFileName(path);
        return int.TryParse(name.AsSpan(0, name.IndexOf('-', StringComparison.Ordinal)), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : 0;
    }

    private static void Write(int pythonMinor, CapturedCode code, Stream stream, byte[] buildId)
    {
        var writer = new CodeElfWriter(stream, Machines.OfArchitecture(null), buildId);
        var lines = new List<CodeLineRange>();
        foreach (var function in code.Functions)
        {
            lines.Clear();
            CodeLines.Read(pythonMinor, function.FirstLine, function.Lines, function.Length, lines);
            FillIn(lines, function.FirstLine);
            writer.Add(new PlacedCode
            {
                Offset = function.Start,
                Size = Math.Max(function.Length, 1),
                Name = Encoding.UTF8.GetBytes(function.File.Length == 0 ? function.Name : new PythonSymbol(function.Name, function.File).ToString()),
                SourceFile = Encoding.UTF8.GetBytes(function.File),
                FirstLine = (uint)function.FirstLine,
                Lines = CollectionsMarshal.AsSpan(lines),
            });
        }

        writer.Finish();
    }
}
