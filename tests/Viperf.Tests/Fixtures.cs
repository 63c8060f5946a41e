namespace Viperf.Tests;

/// <summary>The files below tests/fixtures, each directory with a README of its own.</summary>
internal static class Fixtures
{
    /// <summary>The path of a file in a fixture's directory.</summary>
    public static string PathOf(string fixture, string file)
    {
        for (var place = new DirectoryInfo(AppContext.BaseDirectory); place is not null; place = place.Parent)
        {
            if (File.Exists(Path.Combine(place.FullName, "Viperf.slnx")))
            {
                return Path.Combine(place.FullName, "tests", "fixtures", fixture, file);
            }
        }

        throw new DirectoryNotFoundException($"no checkout of viperf above {AppContext.BaseDirectory}");
    }
}
