using Viperf.Agent.Linux;
using Viperf.Abi;

namespace Viperf.Agent;

/// <summary>
/// What the agent has to say of a process: a line each, to the recorder's session where there is one. Otherwise it is said
/// where it was asked for: on the program's standard error, or as an exception.
/// </summary>
internal static unsafe class Notes
{
    private const int StandardError = 2;
    private const int PathBytes = 4096;
    private const int LineBytes = 512;

    /// <summary>Adds a note to the session; a line on standard error without one.</summary>
    public static void Add(ReadOnlySpan<byte> text) => Add(new TextBuffer(text));

    /// <summary>Adds a note to the session; a line on standard error without one.</summary>
    public static void Add(in TextBuffer text)
    {
        byte* line = stackalloc byte[LineBytes];
        TextBuffer buffer = new(line, LineBytes);
        byte* directory = Libc.GetEnvironment(AgentEnvironment.Session);
        if (directory == null)
        {
            buffer.Add("viperf: "u8);
        }
        else
        {
            buffer.AddDecimal((ulong)Syscall.GetProcessId());
            buffer.Add((byte)' ');
        }

        buffer.Add(text.First, text.Length);
        buffer.Add((byte)'\n');
        if (buffer.IsCut)
        {
            line[LineBytes - 1] = (byte)'\n';
        }

        if (directory == null)
        {
            Syscall.Write(StandardError, line, buffer.Length);
            return;
        }

        byte* place = stackalloc byte[PathBytes];
        TextBuffer path = new(place, PathBytes);
        path.AddString(directory);
        path.Add(AgentEnvironment.NotesFile);
        path.Add(0);
        if (path.IsCut)
        {
            return;
        }

        // The recorder made the file; whoever outlives it finds none, and nobody to read it.
        int file = Syscall.Open(place, Syscall.O_WRONLY | Syscall.O_APPEND | Syscall.O_NOFOLLOW | Syscall.O_CLOEXEC, 0);
        if (file >= 0)
        {
            Syscall.Write(file, line, buffer.Length);
            Syscall.Close(file);
        }
    }
}
