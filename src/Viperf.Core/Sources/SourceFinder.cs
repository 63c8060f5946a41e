using System.Diagnostics.CodeAnalysis;
using Viperf.Core.Linux;

namespace Viperf.Core.Sources;

/// <summary>Finds the source files that a recording names.</summary>
/// <param name="folder">A directory that has them, from any of their own directories on; null for none.</param>
/// <param name="root">A directory that stands for the recorded machine's root; empty for ours.</param>
public sealed class SourceFinder(string? folder, string root)
{
    /// <summary>Reads a source.</summary>
    /// <param name="file">As the recording names it.</param>
    /// <param name="isPython">Whether it is Python's.</param>
    /// <param name="problem">Why it is not to be had.</param>
    /// <returns>Null if it is not to be had.</returns>
    public SourceText? TryRead(string file, bool isPython, [NotNullWhen(false)] out string? problem)
    {
        problem = null;
        if (file.StartsWith('<'))
        {
            problem = $"{file} is no file";
            return null;
        }

        foreach (string path in file.Contains('\0') ? [] : PathsOf(file))
        {
            try
            {
                return SourceText.Read(path, isPython);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                problem ??= $"{file} is not there";
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                problem ??= $"{path}: {Errno.Text(e)}";
            }
        }

        problem ??= $"{file} is not there";
        return null;
    }

    /// <summary>Where it may lie: in the directory that was named, longer parts of its path first; else where it lay.</summary>
    private IEnumerable<string> PathsOf(string file)
    {
        string[] parts = file.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (folder is not null && !parts.Contains(".."))
        {
            for (int first = 0; first < parts.Length; first++)
            {
                yield return Path.Combine([folder, .. parts[first..]]);
            }
        }

        if (root.Length == 0 || file.StartsWith('/'))
        {
            yield return root + file;
        }
    }
}
