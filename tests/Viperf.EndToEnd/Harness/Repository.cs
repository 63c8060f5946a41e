namespace Viperf.EndToEnd.Harness;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>Its root directory.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The path of a file or directory in it.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

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
