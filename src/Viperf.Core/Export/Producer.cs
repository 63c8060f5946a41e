namespace Viperf.Core.Export;

/// <summary>Who wrote a file, for formats that say so.</summary>
internal static class Producer
{
    /// <summary>The program and its version: <c>viperf 1.2.3</c>.</summary>
    public static string NameAndVersion { get; } =
        typeof(Producer).Assembly.GetName().Version is { } version ? $"viperf {version.ToString(3)}" : "viperf";
}
