using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Viperf.Core.Export;

/// <summary>
/// The bytes that a page carries: gzip of a header and columns of integers, as <c>src/viewer/src/data/container.ts</c> reads
/// them.
/// </summary>
internal sealed class ViewerContainer
{
    /// <summary>
    /// The largest value of a column. JavaScript's numbers are exact to 2^53, and what is stored of a value may be twice the
    /// difference from the one before.
    /// </summary>
    public const long MostValue = (1L << 52) - 1;

    /// <summary>The header is in no markup, so only what JSON itself asks for is escaped.</summary>
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<(string Name, int Count, long Start, long Length)> _columns = [];

    /// <summary>The columns' bytes, one after the other; equal ones once, since modes often have equal stacks.</summary>
    private readonly List<MemoryStream> _bytes = [];
    private readonly Dictionary<UInt128, (long Start, long Length)> _places = [];
    private long _length;

    /// <summary>Adds a column.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">From -1 to <see cref="MostValue"/>.</param>
    public void Add(string name, IEnumerable<long> values)
    {
        var bytes = new MemoryStream();
        int count = 0;
        long before = 0;
        foreach (long value in values)
        {
            long difference = value - before;
            ulong zigzag = (ulong)(difference << 1 ^ difference >> 63);
            for (; zigzag >= 0x80; zigzag >>= 7)
            {
                bytes.WriteByte((byte)(zigzag | 0x80));
            }

            bytes.WriteByte((byte)zigzag);
            before = value;
            count++;
        }

        var digest = XxHash128.HashToUInt128(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        if (!_places.TryGetValue(digest, out var place))
        {
            place = (_length, bytes.Length);
            _places.Add(digest, place);
            _bytes.Add(bytes);
            _length += bytes.Length;
        }

        _columns.Add((name, count, place.Start, place.Length));
    }

    /// <summary>Adds a column of values that fit 32 bits.</summary>
    public void Add(string name, IEnumerable<int> values) => Add(name, values.Select(static value => (long)value));

    /// <summary>Puts everything together.</summary>
    /// <param name="writeHeader">Writes the header's members but <c>columns</c>.</param>
    public byte[] Pack(Action<Utf8JsonWriter> writeHeader)
    {
        var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header, s_json))
        {
            json.WriteStartObject();
            json.WriteStartArray("columns");
            foreach (var (name, count, start, length) in _columns)
            {
                json.WriteStartObject();
                json.WriteString("name", name);
                json.WriteNumber("count", count);
                json.WriteNumber("start", start);
                json.WriteNumber("bytes", length);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            writeHeader(json);
            json.WriteEndObject();
        }

        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            Span<byte> length = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(length, checked((uint)header.Length));
            gzip.Write(length);
            header.WriteTo(gzip);
            foreach (var bytes in _bytes)
            {
                bytes.WriteTo(gzip);
            }
        }

        return packed.ToArray();
    }
}
