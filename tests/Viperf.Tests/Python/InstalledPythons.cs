using Xunit;

namespace Viperf.Tests.Python;

/// <summary>The interpreters on this machine: pyenv's and the system's.</summary>
internal static class InstalledPythons
{
    public static TheoryData<string> All
    {
        get
        {
            string root = Environment.GetEnvironmentVariable("PYENV_ROOT")
                ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pyenv");
            string versions = Path.Combine(root, "versions");
            var pyenv = Directory.Exists(versions)
                ? Directory.EnumerateDirectories(versions, "3.*").Select(version => Path.Combine(version, "bin", "python3"))
                : [];
            return [.. pyenv.Append("/usr/bin/python3").Where(File.Exists).Order()];
        }
    }
}
