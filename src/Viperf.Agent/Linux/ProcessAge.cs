namespace Viperf.Agent.Linux;

/// <summary>How long this process has been there, other programs before an exec included.</summary>
internal static unsafe class ProcessAge
{
    private const int StatBytes = 1024;

    /// <summary>Fields between the command's name and <c>starttime</c> in /proc/PID/stat (proc(5)).</summary>
    private const int FieldsBefore = 19;

    private const ulong NanosecondsPerTick = 10_000_000; // USER_HZ is 100 on every architecture of Linux that we know

    /// <summary>Nanoseconds, rounded up to a tick; 0 if the kernel does not tell.</summary>
    public static ulong Nanoseconds()
    {
        byte* text = stackalloc byte[StatBytes];
        int file = Syscall.Open("/proc/self/stat"u8.Pointer, Syscall.O_CLOEXEC, 0);
        if (file < 0)
        {
            return 0;
        }

        nint length = Syscall.Read(file, text, StatBytes - 1);
        Syscall.Close(file);
        if (length <= 0)
        {
            return 0;
        }

        text[length] = 0;
        byte* field = text + length;
        while (field > text && *field != ')')
        {
            field--; // the name may have anything in it, so it is looked for from the end
        }

        for (int i = 0; i <= FieldsBefore && *field != 0; i++)
        {
            field++;
            while (*field is not (byte)' ' and not 0)
            {
                field++;
            }
        }

        ulong ticks = 0;
        for (; *field == ' '; field++)
        {
        }

        for (; *field is >= (byte)'0' and <= (byte)'9'; field++)
        {
            ticks = (ticks * 10) + (ulong)(*field - '0');
        }

        ulong now = Libc.BootTime();
        return ticks == 0 || now < ticks * NanosecondsPerTick ? 0 : now - (ticks * NanosecondsPerTick) + NanosecondsPerTick;
    }
}
