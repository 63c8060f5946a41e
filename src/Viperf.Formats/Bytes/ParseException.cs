using System.Diagnostics.CodeAnalysis;

namespace Viperf.Formats.Bytes;

/// <summary>
/// Bytes from outside that are not what their format demands. Says what is wrong and where, so that a user can
/// look at the very byte.
/// </summary>
public sealed class ParseException : Exception
{
    /// <summary>Creates the error for one place in one file.</summary>
    /// <param name="problem">What is wrong, in a few words, without a full stop.</param>
    /// <param name="source">The file or stream that the bytes came from.</param>
    /// <param name="offset">The position of the first wrong byte in <paramref name="source"/>.</param>
    public ParseException(string problem, string source, ulong offset)
        : base($"{source}: {problem} (at offset 0x{offset:x})")
    {
        Problem = problem;
        SourceName = source;
        Offset = offset;
    }

    /// <summary>What is wrong, without the place.</summary>
    public string Problem { get; }

    /// <summary>The file or stream that the bytes came from.</summary>
    public string SourceName { get; }

    /// <summary>The position of the first wrong byte, in bytes from the start of the source.</summary>
    public ulong Offset { get; }

    /// <summary>Throws; kept out of line so that readers stay small enough to be inlined.</summary>
    [DoesNotReturn]
    internal static void Throw(string problem, string source, ulong offset) =>
        throw new ParseException(problem, source, offset);
}
