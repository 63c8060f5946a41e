using Viperf.Core.Linux;

namespace Viperf.Cli.Text;

/// <summary>
/// Text on its way to a file or pipe, for output that has a line for every frame of every sample: formatted in one
/// buffer and written in large pieces.
/// </summary>
/// <param name="stream">Where the text goes; unbuffered.</param>
internal sealed class Utf8Output(Stream stream) : Utf8Text, IDisposable
{
    private const int FlushAt = 1 << 16;

    /// <summary>Opens the standard output.</summary>
    public static Utf8Output ToStandardOutput() => new(new StandardOutputStream());

    /// <summary>Writes what is there once it is worth a system call; call it between lines.</summary>
    public void FlushIfLarge()
    {
        if (Length >= FlushAt)
        {
            Flush();
        }
    }

    /// <summary>Writes all that is there.</summary>
    /// <exception cref="IOException">The reader of a pipe is gone, or the disk is full.</exception>
    public void Flush()
    {
        stream.Write(Written);
        Clear();
    }

    /// <summary>Closes the stream; what was not flushed is gone, as after an error it should be.</summary>
    public void Dispose() => stream.Dispose();
}
