using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Viperf.Tests.Export;

/// <summary>What a page carries, read as the page reads it.</summary>
internal sealed class PageContents
{
    /// <summary>What is before the data.</summary>
    public const string Place = "<div id=\"profile\" hidden>";

    private readonly Dictionary<string, long[]> _columns = [];

    private PageContents(JsonElement header) => Header = header;

    /// <summary>The header.</summary>
    public JsonElement Header { get; }

    /// <summary>The modes that stacks can be shown in.</summary>
    public string[] Modes => Strings("modes");

    /// <summary>Names of functions.</summary>
    public string[] FunctionNames => Strings("functionNames");

    /// <summary>The source files.</summary>
    public JsonElement[] Files => [.. Header.GetProperty("files").EnumerateArray()];

    /// <summary>A column.</summary>
    public long[] this[string name] => _columns[name];

    /// <summary>Reads the data of a page.</summary>
    /// <param name="page">The page's text.</param>
    public static PageContents OfPage(string page)
    {
        const string Piece = "<script type=\"application/octet-stream\">", End = "</script>";
        int start = page.IndexOf(Place, StringComparison.Ordinal) + Place.Length;
        string[] pieces = page[start..page.IndexOf("</div>", start, StringComparison.Ordinal)].Split(End)[..^1];
        return Of([.. pieces.SelectMany(static piece => Convert.FromBase64String(piece[Piece.Length..]))]);
    }

    /// <summary>Reads data.</summary>
    public static PageContents Of(byte[] packed)
    {
        var unpacked = new MemoryStream();
        new GZipStream(new MemoryStream(packed), CompressionMode.Decompress).CopyTo(unpacked);
        byte[] bytes = unpacked.ToArray();
        int length = BitConverter.ToInt32(bytes);
        var contents = new PageContents(JsonDocument.Parse(bytes.AsMemory(4, length)).RootElement);
        int last = 4 + length;
        foreach (var column in contents.Header.GetProperty("columns").EnumerateArray())
        {
            int at = 4 + length + column.GetProperty("start").GetInt32();
            int end = at + column.GetProperty("bytes").GetInt32();
            last = Math.Max(last, end);
            long[] values = new long[column.GetProperty("count").GetInt32()];
            long value = 0;
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = value += Next(bytes, ref at);
            }

            if (at != end)
            {
                throw new InvalidDataException($"column {column} ends at {at}, not at {end}");
            }

            contents._columns.Add(column.GetProperty("name").GetString()!, values);
        }

        return last == bytes.Length ? contents : throw new InvalidDataException("bytes behind the last column");
    }

    /// <summary>The weights of all stacks in a mode: functions with their lines where they have any, outermost first.</summary>
    public SortedDictionary<string, long> Stacks(string mode)
    {
        var stacks = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (stack, weight) in this["sample.stack"].Zip(this["sample.weight"]))
        {
            string text = TextOf(mode, this[$"stack.{mode}"][stack]);
            stacks[text] = stacks.GetValueOrDefault(text) + weight;
        }

        return stacks;
    }

    private string TextOf(string mode, long node)
    {
        var text = new StringBuilder();
        for (; node >= 0; node = this[$"{mode}.parent"][node])
        {
            long frame = this[$"{mode}.frame"][node];
            long line = this["frame.line"][frame];
            text.Insert(0, $";{FunctionNames[this["frame.function"][frame]]}{(line > 0 ? $":{line}" : "")}");
        }

        return text.ToString().TrimStart(';');
    }

    private string[] Strings(string name) => [.. Header.GetProperty(name).EnumerateArray().Select(static one => one.GetString()!)];

    private static long Next(byte[] bytes, ref int at)
    {
        ulong zigzag = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte b = bytes[at++];
            zigzag |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return (long)(zigzag >> 1) ^ -(long)(zigzag & 1);
            }
        }
    }
}
