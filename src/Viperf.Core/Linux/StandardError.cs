using System.Text;

namespace Viperf.Core.Linux;

/// <summary>
/// Descriptor 2 as a text writer without a buffer, for <see cref="Console.SetError"/>. The console's own streams set
/// up the terminal on their first write (keypad codes, handling of children); under record and run the terminal
/// belongs to the profiled program.
/// </summary>
public sealed class StandardError : TextWriter
{
    private const int Fd = 2;

    /// <inheritdoc/>
    public override Encoding Encoding => Encoding.UTF8;

    /// <inheritdoc/>
    public override void Write(char value) => Write(value.ToString());

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Write(value + "\n"); // whole, so that lines of others stay apart

    /// <inheritdoc/>
    public override void Write(string? value)
    {
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(value ?? "");
        while (rest.Length > 0 && Descriptor.Write(Fd, rest) is var written and > 0)
        {
            rest = rest[written..];
        }
    }
}
