using Viperf.Agent.Linux;

namespace Viperf.Agent.Output;

/// <summary>
/// <c>/tmp/perf-PID.map</c> (tools/perf/Documentation/jit-interface.txt): a line of start, size and name for each function,
/// there as soon as the function can run.
/// </summary>
internal static unsafe class PerfMap
{
    private static int s_processId;
    private static MappedLines s_lines;

    /// <summary>Opens the file for the first time, or after a fork.</summary>
    /// <returns>0, a negative error number or <see cref="OwnFile.NotOwn"/>.</returns>
    public static int Open()
    {
        if (s_processId == ForkGuard.ProcessId)
        {
            return 0;
        }

        byte* place = stackalloc byte[OwnFile.PathBytes];
        if (s_processId == 0)
        {
            // Other code of this process may have written to it, or a program that this one took the place of (exec).
            int file = OwnFile.OpenAppending(Path(place, ForkGuard.ProcessId), out long length);
            if (file < 0)
            {
                return file;
            }

            Syscall.Close(file);
            s_lines.Begin(length);
        }
        else
        {
            int error = BeginWithParents(place);
            if (error != 0)
            {
                return error;
            }
        }

        s_processId = ForkGuard.ProcessId;
        return 0;
    }

    /// <summary>Adds a function.</summary>
    /// <returns>As <see cref="Open"/>.</returns>
    public static int Write(byte* code, int codeBytes, in TextBuffer name, ref TextBuffer line)
    {
        int error = Open();
        if (error != 0)
        {
            return error;
        }

        line.Clear();
        line.AddHexadecimal((ulong)code);
        line.Add((byte)' ');
        line.AddHexadecimal((ulong)codeBytes);
        line.Add((byte)' ');
        line.Add(name.First, name.Length);
        line.Add((byte)'\n');
        byte* place = stackalloc byte[OwnFile.PathBytes];
        return s_lines.Add(Path(place, s_processId), line);
    }

    /// <summary>Leaves the file as it should be when the process ends.</summary>
    public static void Close()
    {
        if (s_processId == ForkGuard.ProcessId)
        {
            byte* place = stackalloc byte[OwnFile.PathBytes];
            s_lines.Trim(Path(place, s_processId));
        }
    }

    /// <summary>
    /// A forked child runs its parent's functions too, where they lie. Who records the child alone looks for them in the
    /// child's map.
    /// </summary>
    private static int BeginWithParents(byte* place)
    {
        int to = OwnFile.Create(Path(place, ForkGuard.ProcessId));
        if (to < 0)
        {
            return to;
        }

        s_lines.Unmap();
        int from = OwnFile.OpenExisting(Path(place, s_processId), out _);
        long length = 0;
        while (from >= 0 && length < s_lines.Length) // what the parent wrote since is not the child's
        {
            nint copied = Syscall.CopyFile(to, from, (nint)(s_lines.Length - length));
            if (copied <= 0)
            {
                break;
            }

            length += copied;
        }

        if (from >= 0)
        {
            Syscall.Close(from);
        }

        Syscall.Close(to);
        s_lines.Begin(length);
        return 0;
    }

    private static byte* Path(byte* place, int processId)
    {
        TextBuffer path = new(place, OwnFile.PathBytes);
        path.Add("/tmp/perf-"u8);
        path.AddDecimal((ulong)processId);
        path.Add(".map\0"u8);
        return place;
    }
}
