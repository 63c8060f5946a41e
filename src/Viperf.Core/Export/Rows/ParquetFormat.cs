using System.IO.Compression;
using Parquet;
using Parquet.Schema;

namespace Viperf.Core.Export.Rows;

/// <summary>
/// Apache Parquet: the samples as columns. The stack is a list of strings. Text is encoded by dictionaries, numbers that grow by their
/// differences, and all is compressed with zstd.
/// </summary>
internal static class ParquetFormat
{
    /// <summary>Writes a profile.</summary>
    public static void Write(ExportSource source, Stream output)
    {
        // the library asks where it is, which pipes do not know
        var counted = output.CanSeek ? output : new CountedStream(output);
        WriteAsync(source, counted).GetAwaiter().GetResult();
    }

    private static async Task WriteAsync(ExportSource source, Stream output)
    {
        var columns = new ParquetColumns(ExportText.WellFormed(source.Event.Name));
        var rows = new SampleRows<StackText>(source, static text => text);
        await using var writer = await ParquetWriter.CreateAsync(columns.Schema, output, OptionsOf(columns.Schema));
        writer.CustomMetadata = FactLines.Of(source.Facts).ToDictionary(
            static fact => fact.Name, static fact => ExportText.WellFormed(fact.Value));
        foreach (var row in rows.All)
        {
            columns.Add(row, rows.StackOf(row));
            if (columns.IsFull)
            {
                await columns.WriteAsync(writer);
            }
        }

        await columns.WriteAsync(writer);
    }

    private static ParquetOptions OptionsOf(ParquetSchema schema)
    {
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.Zstd, CompressionLevel = CompressionLevel.Fastest };
        foreach (var field in schema.DataFields)
        {
            if (field.ClrType == typeof(ReadOnlyMemory<char>))
            {
                options.ColumnEncodingHints[field.Path.ToString()] = EncodingHint.Dictionary;
            }
            else if (field.ClrType == typeof(long))
            {
                options.ColumnEncodingHints[field.Path.ToString()] = EncodingHint.DeltaBinaryPacked;
            }
        }

        return options;
    }
}
