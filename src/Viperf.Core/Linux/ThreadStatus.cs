using System.Buffers.Text;

namespace Viperf.Core.Linux;

/// <summary>What /proc says of a thread, read without an allocation: thousands of times a second.</summary>
internal static class ThreadStatus
{
    private const int MostBytes = 256;

    /// <summary>How a thread has spent its time (<c>schedstat</c>): exact where it does not run.</summary>
    /// <param name="pid">Its process.</param>
    /// <param name="tid">The thread.</param>
    /// <param name="times">What it says.</param>
    /// <returns>False if the thread is gone, or is not to be read.</returns>
    public static bool TryReadTimes(int pid, int tid, out ThreadTimes times)
    {
        Span<byte> text = stackalloc byte[MostBytes];
        ReadOnlySpan<byte> rest = text[..ProcessFile(pid, tid, "schedstat\0"u8, text)];
        times = default;
        if (!TryTake(ref rest, out ulong cpu) || !TryTake(ref rest, out ulong delay) || !TryTake(ref rest, out ulong slices))
        {
            return false;
        }

        times = new ThreadTimes(cpu, delay, slices);
        return true;
    }

    /// <summary>Where a thread stands in the kernel (<c>syscall</c>).</summary>
    /// <returns>False if it runs, or wants to, or is gone.</returns>
    public static bool TryReadPlace(int pid, int tid, out ThreadPlace place)
    {
        Span<byte> text = stackalloc byte[MostBytes];
        ReadOnlySpan<byte> rest = text[..ProcessFile(pid, tid, "syscall\0"u8, text)];
        place = default;
        if (!Utf8Parser.TryParse(rest, out int number, out int used))
        {
            return false;
        }

        rest = rest[used..];
        ulong first = 0;
        const int Arguments = 6;
        for (int i = 0; number >= 0 && i < Arguments; i++)
        {
            if (!TryTakeHex(ref rest, out ulong argument))
            {
                return false;
            }

            first = i == 0 ? argument : first;
        }

        if (!TryTakeHex(ref rest, out ulong stackPointer) || !TryTakeHex(ref rest, out ulong instruction))
        {
            return false;
        }

        place = new ThreadPlace(number, first, stackPointer, instruction);
        return true;
    }

    private static int ProcessFile(int pid, int tid, ReadOnlySpan<byte> name, Span<byte> text)
    {
        Span<byte> path = stackalloc byte[64];
        "/proc/"u8.CopyTo(path);
        int length = 6;
        Utf8Formatter.TryFormat(pid, path[length..], out int digits);
        length += digits;
        "/task/"u8.CopyTo(path[length..]);
        length += 6;
        Utf8Formatter.TryFormat(tid, path[length..], out digits);
        length += digits;
        path[length++] = (byte)'/';
        name.CopyTo(path[length..]);
        int fd = Descriptor.OpenToRead(path);
        if (fd < 0)
        {
            return 0;
        }

        int read = Descriptor.Read(fd, text);
        _ = Descriptor.Close(fd);
        return Math.Max(read, 0);
    }

    private static bool TryTake(ref ReadOnlySpan<byte> text, out ulong number)
    {
        text = text.TrimStart((byte)' ');
        bool isNumber = Utf8Parser.TryParse(text, out number, out int used);
        text = text[used..];
        return isNumber;
    }

    private static bool TryTakeHex(ref ReadOnlySpan<byte> text, out ulong number)
    {
        text = text.TrimStart((byte)' ');
        number = 0;
        if (!text.StartsWith("0x"u8))
        {
            return false;
        }

        text = text[2..];
        bool isNumber = Utf8Parser.TryParse(text, out number, out int used, 'x');
        text = text[used..];
        return isNumber;
    }
}

/// <summary>How a thread has spent its time.</summary>
/// <param name="Cpu">Nanoseconds that it ran.</param>
/// <param name="Delay">Nanoseconds that it wanted to run, and waited for a CPU.</param>
/// <param name="Slices">How often it got one: as long as that stays the same a thread that stood still stands.</param>
internal readonly record struct ThreadTimes(ulong Cpu, ulong Delay, ulong Slices);

/// <summary>Where a thread stands still.</summary>
/// <param name="SystemCall">The number of the system call that it waits in; -1 if it is in none.</param>
/// <param name="Argument">Its first argument.</param>
/// <param name="StackPointer">The stack pointer with which it will go on.</param>
/// <param name="Instruction">The instruction that it will go on with.</param>
internal readonly record struct ThreadPlace(int SystemCall, ulong Argument, ulong StackPointer, ulong Instruction);
