using System.Text.Json;
using Viperf.Core.Profiles;

namespace Viperf.Core.Export;

/// <summary>The Firefox Profiler's categories of frames, which it colours its graphs by: one for each <see cref="FrameKind"/>.</summary>
internal static class FirefoxCategories
{
    /// <summary>In the order of <see cref="FrameKind"/>. The last one is grey, which the profiler asks for: it is what has no other.</summary>
    private static readonly (string Name, string Color)[] s_all =
    [
        ("Python", "yellow"),
        ("Native", "blue"),
        ("Kernel", "orange"),
        ("Interpreter", "green"),
        ("Waiting", "transparent"),
        ("Other", "grey"),
    ];

    /// <summary>The index of a kind's category.</summary>
    public static int Of(FrameKind kind) => (int)kind;

    /// <summary>Writes the array of categories.</summary>
    public static void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray("categories");
        foreach (var (name, color) in s_all)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("color", color);
            json.WriteStartArray("subcategories");
            json.WriteStringValue("Other"); // the first one stands for the category itself
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
