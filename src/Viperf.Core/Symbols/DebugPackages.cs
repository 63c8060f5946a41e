namespace Viperf.Core.Symbols;

/// <summary>What this machine's distribution has to be told for it to bring the debug symbols of a file.</summary>
public sealed class DebugPackages
{
    private const string ReleaseFile = "/etc/os-release";
    private const string DebianLists = "/var/lib/dpkg/info";

    private readonly string _family;
    private readonly string _lists;

    /// <summary>The package of each file that was asked for; null where there is none.</summary>
    private readonly Dictionary<string, string?> _owners = [];

    private DebugPackages(string family, string lists) => (_family, _lists) = (family, lists);

    /// <summary>This machine's.</summary>
    public static DebugPackages OfThisMachine()
    {
        try
        {
            return Of(File.ReadAllText(ReleaseFile), DebianLists);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new DebugPackages("", DebianLists);
        }
    }

    /// <summary>The server of debuginfod that has the distribution's files, or the one that asks all others.</summary>
    public string Server => _family switch
    {
        "debian" => "https://debuginfod.debian.net",
        "ubuntu" => "https://debuginfod.ubuntu.com",
        "fedora" => "https://debuginfod.fedoraproject.org",
        "arch" => "https://debuginfod.archlinux.org",
        "suse" => "https://debuginfod.opensuse.org",
        _ => "https://debuginfod.elfutils.org",
    };

    /// <summary>The command that installs the debug symbols of a file; null if no package has the file, or nobody knows.</summary>
    /// <param name="path">The file.</param>
    public string? CommandFor(string path)
    {
        if (_family == "fedora")
        {
            return path.StartsWith("/usr/", StringComparison.Ordinal) ? $"dnf debuginfo-install $(rpm -qf {path})" : null;
        }

        return _family is "debian" or "ubuntu" && OwnerOf(path) is { } package
            ? $"apt install {(package == "libc6" ? "libc6-dbg" : package + "-dbgsym")}"
            : null;
    }

    /// <summary>The packages of a machine.</summary>
    /// <param name="release">The text of <c>os-release(5)</c>.</param>
    /// <param name="lists">Where Debian's package manager lists each package's files.</param>
    internal static DebugPackages Of(string release, string lists)
    {
        var words = release.Split('\n')
            .Where(static line => line.StartsWith("ID=", StringComparison.Ordinal) || line.StartsWith("ID_LIKE=", StringComparison.Ordinal))
            .OrderBy(static line => line.IndexOf('=', StringComparison.Ordinal))
            .SelectMany(static line => line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim('"', '\'', '\r').Split(' '));
        foreach (string word in words)
        {
            string family = word switch
            {
                "rhel" or "centos" => "fedora",
                "opensuse" or "sles" => "suse",
                _ => word,
            };
            if (family is "debian" or "ubuntu" or "fedora" or "arch" or "suse")
            {
                return new DebugPackages(family, lists);
            }
        }

        return new DebugPackages("", lists);
    }

    private string? OwnerOf(string path)
    {
        if (!_owners.TryGetValue(path, out string? owner))
        {
            owner = Search(path);
            _owners.Add(path, owner);
        }

        return owner;
    }

    /// <summary>Looks through the packages' lists. Where /lib is a link to /usr/lib, they may name the file without /usr.</summary>
    private string? Search(string path)
    {
        string shorter = path.StartsWith("/usr/", StringComparison.Ordinal) ? path["/usr".Length..] : path;
        try
        {
            foreach (string list in Directory.EnumerateFiles(_lists, "*.list"))
            {
                if (File.ReadLines(list).Any(line => line == path || line == shorter))
                {
                    string name = Path.GetFileNameWithoutExtension(list);
                    int architecture = name.IndexOf(':', StringComparison.Ordinal);
                    return architecture < 0 ? name : name[..architecture];
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return null;
    }
}
