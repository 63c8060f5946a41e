namespace Viperf.Tests;

/// <summary>The files below tests/fixtures, each directory with a README of its own.</summary>
internal static class Fixtures
{
    /// <summary>The checkout's directory.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The path of a file in a fixture's directory.</summary>
    public static string PathOf(string fixture, string file) => Path.Combine(Root, "tests", "fixtures", fixture, file);

    private static string FindRoot()
    {
        for (var place = new DirectoryInfo(AppContext.BaseDirectory); place is not null; place = place.Parent)
        {
            if (File.Exists(Path.Combine(place.FullName, "Viperf.slnx")))
            {
                return place.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no checkout of viperf above {AppContext.BaseDirectory}");
    }
}
