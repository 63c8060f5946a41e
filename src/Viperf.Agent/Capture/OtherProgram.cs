using Viperf.Abi;
using Viperf.Agent.Linux;
using Viperf.Agent.Trampolines;

namespace Viperf.Agent.Capture;

/// <summary>A program of the recorded tree that is no Python: where there are timers alone nothing samples it, which is counted.</summary>
internal static unsafe class OtherProgram
{
    private const int PathBytes = 4096;

    /// <summary>Leaves a byte with the recorder, if it counts such programs.</summary>
    public static void Tell()
    {
        byte* mode = Libc.GetEnvironment(AgentEnvironment.Mode);
        byte* directory = mode != null && Backends.Equals(mode, CaptureProtocol.TimerMode) ? Libc.GetEnvironment(AgentEnvironment.Session) : null;
        if (directory == null)
        {
            return;
        }

        byte* place = stackalloc byte[PathBytes];
        TextBuffer path = new(place, PathBytes);
        path.AddString(directory);
        path.Add(CaptureProtocol.OthersFile);
        path.Add(0);
        int file = path.IsCut ? -1 : Syscall.Open(place, Syscall.O_WRONLY | Syscall.O_APPEND | Syscall.O_NOFOLLOW | Syscall.O_CLOEXEC, 0);
        if (file >= 0)
        {
            byte one = 1;
            Syscall.Write(file, &one, 1);
            Syscall.Close(file);
        }
    }
}
