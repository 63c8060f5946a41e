namespace Viperf.Cli;

/// <summary>
/// The end of a reader such as <c>head</c>: no error, but a reason to stop. The runtime ignores SIGPIPE, so the
/// program meets EPIPE instead and ends with the status that a shell shows for the signal.
/// </summary>
internal static class BrokenPipe
{
    /// <summary>EPIPE, which the runtime hands on in <see cref="Exception.HResult"/>.</summary>
    public const int Errno = 32;

    /// <summary>128 + SIGPIPE.</summary>
    public const int ExitCode = 141;
}
