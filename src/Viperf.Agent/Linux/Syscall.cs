using System.Runtime;
using System.Runtime.CompilerServices;

namespace Viperf.Agent.Linux;

/// <summary>
/// The kernel's calls, made directly: they return a negative error number on failure, and leave the host's
/// <c>errno</c> alone.
/// </summary>
internal static unsafe class Syscall
{
    public const int ENOENT = -2;
    public const int EINTR = -4;
    public const int ENXIO = -6;
    public const int EACCES = -13;
    public const int EEXIST = -17;
    public const int EISDIR = -21;
    public const int EFAULT = -14;
    public const int ENOSPC = -28;
    public const int EROFS = -30;
    public const int ELOOP = -40;

    public const int O_WRONLY = 1;
    public const int O_RDWR = 2;
    public const int O_CREAT = 0x40;
    public const int O_EXCL = 0x80;
    public const int O_APPEND = 0x400;
    public const int O_NONBLOCK = 0x800;
    public const int O_CLOEXEC = 0x80000;

#if ARM64
    public const int O_NOFOLLOW = 0x8000;
#else
    public const int O_NOFOLLOW = 0x20000;
#endif

    public const int PROT_READ = 1;
    public const int PROT_WRITE = 2;
    public const int PROT_EXEC = 4;
    public const int MAP_SHARED = 1;
    public const int MAP_PRIVATE = 2;
    public const int MAP_ANONYMOUS = 0x20;

    /// <summary>A forked child finds such pages filled with zeros (Linux 4.14).</summary>
    public const int MADV_WIPEONFORK = 18;

    private const int AT_FDCWD = -100;
    private const int SIG_SETMASK = 2;

#if ARM64
    private const int OpenAt = 56, CloseFile = 57, ReadFile = 63, WriteFile = 64, Truncate = 46, StatFile = 80, UnlinkAt = 35;
    private const int Map = 222, Unmap = 215, Protect = 226, Advise = 233, ProcessId = 172, ThreadId = 178, UserId = 175;
    private const int Yield = 124, ReadProcess = 270, SendFile = 71, SignalMask = 135, KillThread = 131, QueueForThread = 240;
    private const int MakeSocket = 198, ConnectSocket = 203, SetOption = 208, Send = 206, Receive = 212, WaitSignal = 137;
    private const int SignalsWaiting = 136, SignalAction = 134;
    private const int CreateTimerCall = 107, SetTimerCall = 110, DeleteTimerCall = 111;
#else
    private const int OpenAt = 257, CloseFile = 3, ReadFile = 0, WriteFile = 1, Truncate = 77, StatFile = 5, UnlinkAt = 263;
    private const int Map = 9, Unmap = 11, Protect = 10, Advise = 28, ProcessId = 39, ThreadId = 186, UserId = 107;
    private const int Yield = 24, ReadProcess = 310, SendFile = 40, SignalMask = 14, KillThread = 234, QueueForThread = 297;
    private const int MakeSocket = 41, ConnectSocket = 42, SetOption = 54, Send = 44, Receive = 47, WaitSignal = 128;
    private const int SignalsWaiting = 127, SignalAction = 13;
    private const int CreateTimerCall = 222, SetTimerCall = 223, DeleteTimerCall = 226;
#endif

    /// <summary>Lowest error number that a call returns, as an unsigned pointer: mmap's failures are above.</summary>
    private const long LowestError = -4095;

    public static int Open(byte* path, int flags, int mode) => (int)Call(OpenAt, AT_FDCWD, (nint)path, flags, mode, 0, 0);

    public static void Close(int file) => Call(CloseFile, file, 0, 0, 0, 0, 0);

    public static nint Read(int file, void* to, nint count) => Call(ReadFile, file, (nint)to, count, 0, 0, 0);

    public static nint Write(int file, void* from, nint count) => Call(WriteFile, file, (nint)from, count, 0, 0, 0);

    public static int SetLength(int file, long length) => (int)Call(Truncate, file, (nint)length, 0, 0, 0, 0);

    public static int Stat(int file, FileStatus* status) => (int)Call(StatFile, file, (nint)status, 0, 0, 0, 0);

    /// <summary>Copies from the start of one file to the end of another; bytes, or a negative error number.</summary>
    public static nint CopyFile(int to, int from, nint count) => Call(SendFile, to, from, 0, count, 0, 0);

    public static int Unlink(byte* path) => (int)Call(UnlinkAt, AT_FDCWD, (nint)path, 0, 0, 0, 0);

    /// <summary>Maps memory or a file; null on failure, which <paramref name="error"/> then tells.</summary>
    public static byte* MapMemory(nuint size, int protection, int flags, int file, long offset, out int error)
    {
        nint at = Call(Map, 0, (nint)size, protection, flags, file, (nint)offset);
        error = at is < 0 and >= (nint)LowestError ? (int)at : 0;
        return error == 0 ? (byte*)at : null;
    }

    /// <summary>Maps memory of the process's own, filled with zeros; null on failure.</summary>
    public static byte* MapMemory(nuint size, int protection, out int error) =>
        MapMemory(size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0, out error);

    public static void UnmapMemory(void* at, nuint size) => Call(Unmap, (nint)at, (nint)size, 0, 0, 0, 0);

    public static int ProtectMemory(void* at, nuint size, int protection) =>
        (int)Call(Protect, (nint)at, (nint)size, protection, 0, 0, 0);

    public static int AdviseMemory(void* at, nuint size, int advice) =>
        (int)Call(Advise, (nint)at, (nint)size, advice, 0, 0, 0);

    public static int GetProcessId() => (int)Call(ProcessId, 0, 0, 0, 0, 0, 0);

    public static int GetThreadId() => (int)Call(ThreadId, 0, 0, 0, 0, 0, 0);

    public static uint GetEffectiveUserId() => (uint)Call(UserId, 0, 0, 0, 0, 0, 0);

    public static void YieldProcessor() => Call(Yield, 0, 0, 0, 0, 0, 0);

    /// <summary>Reads memory of the own process that may not be there: <c>process_vm_readv</c> fails softly.</summary>
    public static bool TryReadMemory(void* from, void* to, nuint count)
    {
        IoVector target = new() { Start = to, Length = count };
        IoVector source = new() { Start = from, Length = count };
        return Call(ReadProcess, GetProcessId(), (nint)(&target), 1, (nint)(&source), 1, 0) == (nint)count;
    }

    /// <summary>
    /// True if a word of memory can be read, for a tenth of what <see cref="TryReadMemory"/> costs: the kernel reads a signal
    /// set before it looks what is to be done with it, which is nothing that there is.
    /// </summary>
    public static bool IsReadable(void* word) => Call(SignalMask, -1, (nint)word, 0, sizeof(ulong), 0, 0) != EFAULT;

    /// <summary>
    /// Copies memory of the own process of which the end may not be there; bytes that were, in whole pages but for the first and
    /// the last, or a negative error number.
    /// </summary>
    public static nint ReadMemory(byte* from, void* to, nuint count)
    {
        const int most = 17; // pages of the longest stack that a sample has, begun ones included
        const nuint pageBytes = 4096;
        IoVector target = new() { Start = to, Length = count };
        IoVector* pages = stackalloc IoVector[most];
        int used = 0;
        for (; used < most && count > 0; used++)
        {
            nuint bytes = pageBytes - ((nuint)from & (pageBytes - 1));
            bytes = bytes < count ? bytes : count;
            pages[used].Start = from;
            pages[used].Length = bytes;
            from += bytes;
            count -= bytes;
        }

        return Call(ReadProcess, GetProcessId(), (nint)(&target), 1, (nint)pages, used, 0);
    }

    /// <summary>timer_create.</summary>
    public static int CreateTimer(int clock, void* signalEvent, int* timer) =>
        (int)Call(CreateTimerCall, clock, (nint)signalEvent, (nint)timer, 0, 0, 0);

    /// <summary>timer_settime.</summary>
    public static int SetTimer(int timer, void* setting) => (int)Call(SetTimerCall, timer, 0, (nint)setting, 0, 0, 0);

    /// <summary>timer_delete.</summary>
    public static void DeleteTimer(int timer) => Call(DeleteTimerCall, timer, 0, 0, 0, 0, 0);

    /// <summary>The signals that the running thread blocks.</summary>
    public static ulong GetSignalMask()
    {
        ulong mask = 0;
        Call(SignalMask, 0, 0, (nint)(&mask), sizeof(ulong), 0, 0);
        return mask;
    }

    /// <summary>Sends a signal to a thread of a process.</summary>
    public static void SendSignal(int process, int thread, int signal) => Call(KillThread, process, thread, signal, 0, 0, 0);

    /// <summary>Sends a signal to a thread with more than its number.</summary>
    public static void QueueSignal(int process, int thread, int signal, void* info) => Call(QueueForThread, process, thread, signal, (nint)info, 0, 0);

    /// <summary>Signals that wait for the thread or the process because they are blocked.</summary>
    public static ulong WaitingSignals()
    {
        ulong signals = 0;
        Call(SignalsWaiting, (nint)(&signals), sizeof(ulong), 0, 0, 0, 0);
        return signals;
    }

    /// <summary>What the kernel does with a signal.</summary>
    public static bool GetAction(int signal, out nint handler, out ulong flags)
    {
        ulong* action = stackalloc ulong[4]; // struct sigaction of the kernel: handler, flags, restorer, mask
        bool isKnown = Call(SignalAction, signal, 0, (nint)action, sizeof(ulong), 0, 0) == 0;
        handler = (nint)action[0];
        flags = action[1];
        return isKnown;
    }

    /// <summary>Sets the signals that the thread blocks.</summary>
    public static void SetSignalMask(ulong signals) => Call(SignalMask, SIG_SETMASK, (nint)(&signals), 0, sizeof(ulong), 0, 0);

    /// <summary>Takes a signal that waits, if there is one: its number, or a negative error number.</summary>
    /// <param name="signals">The set of those that are wanted.</param>
    /// <param name="info">Gets its siginfo_t.</param>
    public static int TakeSignal(ulong signals, void* info)
    {
        long* noTime = stackalloc long[] { 0, 0 };
        return (int)Call(WaitSignal, (nint)(&signals), (nint)info, (nint)noTime, sizeof(ulong), 0, 0);
    }

    /// <summary>Makes a socket; a descriptor or a negative error number.</summary>
    public static int Socket(int family, int type) => (int)Call(MakeSocket, family, type, 0, 0, 0, 0);

    public static int Connect(int socket, void* address, int length) =>
        (int)Call(ConnectSocket, socket, (nint)address, length, 0, 0, 0);

    public static int SetSocketOption(int socket, int level, int option, void* value, int length) =>
        (int)Call(SetOption, socket, level, option, (nint)value, length, 0);

    /// <summary>sendto, to whom the socket is connected to.</summary>
    public static nint SendMessage(int socket, void* message, int length, int flags) =>
        Call(Send, socket, (nint)message, length, flags, 0, 0);

    /// <summary>recvmsg.</summary>
    public static nint ReceiveMessage(int socket, void* message, int flags) => Call(Receive, socket, (nint)message, flags, 0, 0, 0);

    [RuntimeImport("viperf_syscall")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nint Call(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    /// <summary><c>struct iovec</c>.</summary>
    private struct IoVector
    {
        public void* Start;
        public nuint Length;
    }
}
