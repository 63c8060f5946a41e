namespace Viperf.Core;

/// <summary>
/// Something that the user can mend: bad arguments, a missing file, a refused permission. The command prints the
/// message as one line on stderr, without a stack trace.
/// </summary>
public sealed class UserErrorException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What, where and what to do, in one line, without the program's name.</param>
    /// <param name="exitCode">The command's exit status: 1, or 2 for usage, or 127 for a command not found.</param>
    public UserErrorException(string message, int exitCode = 1)
        : base(message) => ExitCode = exitCode;

    /// <summary>The command's exit status.</summary>
    public int ExitCode { get; }
}
