using System.Text.Json;

namespace Viperf.Core.Export;

/// <summary>
/// A JSON text that is written as a stream, whatever its size. What is no text in a string (halves of surrogate pairs) is
/// replaced, and what would be markup on a page is escaped: the encoder's way.
/// </summary>
internal sealed class JsonFile : IDisposable
{
    private const int MostPending = 1 << 16;

    /// <summary>Begins a file.</summary>
    /// <param name="output">Where to; is left open.</param>
    public JsonFile(Stream output) => Json = new Utf8JsonWriter(output);

    /// <summary>Writes what has no method here.</summary>
    public Utf8JsonWriter Json { get; }

    /// <summary>Hands on what was written, if that is much; to be called in every loop, since the writer keeps it otherwise.</summary>
    public void Pass()
    {
        if (Json.BytesPending > MostPending)
        {
            Json.Flush();
        }
    }

    /// <summary>Writes an array of numbers.</summary>
    public void Numbers(string name, IEnumerable<int> values)
    {
        Json.WriteStartArray(name);
        foreach (int value in values)
        {
            Json.WriteNumberValue(value);
            Pass();
        }

        Json.WriteEndArray();
    }

    /// <summary>Writes an array of numbers, and of null where one stands that means none.</summary>
    /// <param name="name">The array's name.</param>
    /// <param name="values">The numbers.</param>
    /// <param name="none">The number that means none.</param>
    public void NumbersOrNull(string name, IEnumerable<int> values, int none)
    {
        Json.WriteStartArray(name);
        foreach (int value in values)
        {
            if (value == none)
            {
                Json.WriteNullValue();
            }
            else
            {
                Json.WriteNumberValue(value);
            }

            Pass();
        }

        Json.WriteEndArray();
    }

    /// <summary>Writes an array of texts.</summary>
    public void Strings(string name, IEnumerable<string> values)
    {
        Json.WriteStartArray(name);
        foreach (string value in values)
        {
            Json.WriteStringValue(value);
            Pass();
        }

        Json.WriteEndArray();
    }

    /// <summary>Writes an array of equal things.</summary>
    /// <param name="name">The array's name.</param>
    /// <param name="count">How many.</param>
    /// <param name="write">Writes one.</param>
    public void Repeated(string name, int count, Action<Utf8JsonWriter> write)
    {
        Json.WriteStartArray(name);
        for (int index = 0; index < count; index++)
        {
            write(Json);
            Pass();
        }

        Json.WriteEndArray();
    }

    /// <inheritdoc/>
    public void Dispose() => Json.Dispose();
}
