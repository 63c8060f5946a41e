using System.IO.Compression;
using Viperf.Core.Linux;

namespace Viperf.Core.Export;

/// <summary>Files of exports, which are compressed where their names say so.</summary>
public static class ExportFile
{
    private const string CompressedEnding = ".gz";

    /// <summary>Writes a file; compressed by gzip where its name ends with .gz.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="write">Writes all of it.</param>
    /// <param name="isCompressed">True if what is written is compressed itself.</param>
    /// <exception cref="UserErrorException">It cannot be written there, or not to its end.</exception>
    public static void Write(string path, Action<Stream> write, bool isCompressed = false)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(write);
        if (isCompressed || !path.EndsWith(CompressedEnding, StringComparison.Ordinal))
        {
            WholeFile.Write(path, write);
            return;
        }

        WholeFile.Write(path, stream =>
        {
            using var zip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true);
            write(zip);
        });
    }
}
