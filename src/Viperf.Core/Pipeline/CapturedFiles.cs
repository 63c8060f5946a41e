using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Viperf.Core.Profiles;
using Viperf.Formats.Elf;
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

    /// <summary>Where in a file the code's first byte lies.</summary>
    internal const ulong TextOffset = CodeElfWriter.TextOffset;

    /// <summary>
    /// Makes room for a recording's files. Those of the recording before it stay, which has become FILE.old; older ones go.
    /// </summary>
    /// <param name="recording">The recording's path.</param>
    /// <returns>How the paths of its files begin.</returns>
    /// <exception cref="UserErrorException">There can be none there.</exception>
    public static string Prepare(string recording)
    {
        string folder = Path.GetFullPath(recording) + FolderSuffix;
        if (!Directory.Exists(Path.GetDirectoryName(folder)))
        {
            throw new UserErrorException($"cannot write {recording}: its folder does not exist");
        }

        try
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var files = Directory.EnumerateFiles(folder, "*-*.so").ToLookup(NumberOf);
            int last = files.Count == 0 ? 0 : files.Max(group => group.Key);
            foreach (string old in files.Where(group => group.Key > 0 && group.Key < last).SelectMany(group => group))
            {
                File.Delete(old);
            }

            return Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{last + 1}-"));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{folder}: no place for what is captured of Python: {problem.Message}");
        }
    }

    /// <summary>Writes all files of a recording that has ended.</summary>
    /// <param name="capture">What was captured.</param>
    /// <exception cref="UserErrorException">A file cannot be written.</exception>
    public static void Write(PythonCapture capture)
    {
        var machine = Machines.OfArchitecture(null);
        foreach (var stacks in capture.Processes.Where(stacks => stacks.Code.Length > 0))
        {
            string path = capture.FileOf(stacks);
            try
            {
                using var stream = new FileStream(path, FileMode.Create, FileAccess.ReadWrite);
                Write(stacks, stream, machine, capture.BuildIdOf(stacks));
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                throw new UserErrorException($"{path}: the Python functions of process {stacks.Process.Pid} cannot be written: {problem.Message}");
            }
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

    private static void Write(CapturedStacks stacks, Stream stream, ElfMachine machine, byte[] buildId)
    {
        var writer = new CodeElfWriter(stream, machine, buildId);
        var lines = new List<CodeLineRange>();
        foreach (var function in stacks.Code.Functions)
        {
            lines.Clear();
            CodeLines.Read(stacks.Process.PythonMinor, function.FirstLine, function.Lines, function.Length, lines);
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
