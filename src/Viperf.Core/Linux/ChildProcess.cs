using System.Collections;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Viperf.Core.Linux;

/// <summary>
/// A program that is forked at once and executed later: between the two its process exists, stands still and can
/// have events opened on it.
/// </summary>
/// <remarks>
/// .NET's own Process cannot stop between fork and exec. Forking from managed code is safe here for these reasons,
/// which whoever edits <see cref="ForkAndWait"/> has to keep: all functions that the child calls are addresses looked
/// up before; their calls do not touch the garbage collector (SuppressGCTransition), so no collection of another
/// thread can be waited for; viperf is compiled ahead of time, where these are plain calls (a JIT would compile stubs
/// for them, in the child); the child allocates nothing, throws nothing, and leaves the method only through exec or
/// _exit; all signals are blocked from before the fork until the child has reset their handlers.
/// </remarks>
public sealed unsafe partial class ChildProcess : IDisposable
{
    private const int SIG_BLOCK = 0;
    private const int SIG_SETMASK = 2;
    private const int SIGPIPE = 13;
    private const int SIGTERM = 15;
    private const int LastSignal = 64;
    private const int PR_SET_NAME = 15;
    private const int SignalSetBytes = 128; // sizeof(sigset_t) of glibc and musl

    /// <summary>What the child is called until exec names it (perf's is "perf-exec"); at most 15 bytes.</summary>
    private static ReadOnlySpan<byte> NameBeforeExec => "viperf-exec\0"u8;

    private const nint SIG_IGN = 1;

    private int _release;
    private int _execError;
    private int _pidfd = -1;
    private bool _waited;

    private ChildProcess(int pid, int release, int execError)
    {
        Pid = pid;
        _release = release;
        _execError = execError;
    }

    /// <summary>The process.</summary>
    public int Pid { get; }

    /// <summary>Readable once the process has ended (<c>pidfd_open(2)</c>, Linux 5.3).</summary>
    public int EndDescriptor
    {
        get
        {
            if (_pidfd < 0)
            {
                _pidfd = ProcessDescriptor.Open(Pid, out int errno);
                if (_pidfd < 0)
                {
                    throw new UserErrorException(
                        $"cannot watch process {Pid}: {Errno.Text(errno)} (Linux 5.3 or later is needed)");
                }
            }

            return _pidfd;
        }
    }

    /// <summary>Forks a process that will execute <paramref name="command"/>, found in PATH, when released.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="outputToError">True to give it standard error as its standard output too.</param>
    /// <param name="environment">Variables that it gets besides viperf's own, or in their place.</param>
    public static ChildProcess Prepare(
        IReadOnlyList<string> command, bool outputToError, IReadOnlyDictionary<string, string> environment)
    {
        if (RuntimeFeature.IsDynamicCodeCompiled)
        {
            throw new PlatformNotSupportedException("programs are started by the published viperf only, not under a JIT");
        }

        var (releaseRead, releaseWrite) = Descriptor.Pipe();
        var (errorRead, errorWrite) = Descriptor.Pipe();
        byte** arguments = AllocateStrings(command);
        byte** variables = AllocateStrings(Variables(environment));
        int pid = ForkAndWait(arguments, variables, outputToError, releaseRead, releaseWrite, errorWrite);
        int errno = Marshal.GetLastSystemError();
        FreeStrings(arguments);
        FreeStrings(variables);
        _ = Descriptor.Close(releaseRead);
        _ = Descriptor.Close(errorWrite);
        if (pid < 0)
        {
            _ = Descriptor.Close(releaseWrite);
            _ = Descriptor.Close(errorRead);
            throw new UserErrorException($"cannot start a process: {Errno.Text(errno)}");
        }

        return new ChildProcess(pid, releaseWrite, errorRead);
    }

    /// <summary>Lets the process execute its command.</summary>
    /// <returns>0, or the error number of exec; the process has ended then.</returns>
    public int Release()
    {
        Descriptor.Write(_release, [1]);
        Close(ref _release);
        Span<byte> errno = stackalloc byte[sizeof(int)];
        int got = Descriptor.Read(_execError, errno);
        Close(ref _execError);
        if (got < sizeof(int))
        {
            return 0; // exec closed the pipe
        }

        Wait();
        return MemoryMarshal.Read<int>(errno);
    }

    /// <summary>Asks the process to end (SIGTERM), unless it has been waited for.</summary>
    public void Terminate()
    {
        if (!_waited)
        {
            _ = Kill(Pid, SIGTERM);
        }
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit status, or 128 + the number of the signal that killed it, as shells have it.</returns>
    public int Wait()
    {
        int status = 0;
        while (WaitPid(Pid, &status, 0) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Errno.EINTR)
            {
                throw new UserErrorException($"cannot wait for process {Pid}: {Errno.Text(Marshal.GetLastPInvokeError())}");
            }
        }

        _waited = true;
        int signal = status & 0x7F;
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal;
    }

    /// <summary>Ends the process, if nobody has waited for its end, and closes what belongs to it.</summary>
    public void Dispose()
    {
        Close(ref _release); // one that was not released reads the end of the pipe and exits
        if (!_waited)
        {
            Terminate();
            Wait();
        }

        Close(ref _execError);
        Close(ref _pidfd);
    }

    private static int ForkAndWait(
        byte** arguments, byte** variables, bool outputToError, int releaseRead, int releaseWrite, int errorWrite)
    {
        nint libc = NativeLibrary.GetMainProgramHandle();
        var fork = (delegate* unmanaged[Cdecl, SuppressGCTransition]<int>)NativeLibrary.GetExport(libc, "fork");
        var close = (delegate* unmanaged[Cdecl, SuppressGCTransition]<int, int>)NativeLibrary.GetExport(libc, "close");
        var duplicate = (delegate* unmanaged[Cdecl, SuppressGCTransition]<int, int, int>)
            NativeLibrary.GetExport(libc, "dup2");
        var read = (delegate* unmanaged[Cdecl, SuppressGCTransition]<int, void*, nuint, nint>)
            NativeLibrary.GetExport(libc, "read");
        var write = (delegate* unmanaged[Cdecl, SuppressGCTransition]<int, void*, nuint, nint>)
            NativeLibrary.GetExport(libc, "write");
        var signal = (delegate* unmanaged[Cdecl, SuppressGCTransition]<int, nint, nint>)
            NativeLibrary.GetExport(libc, "signal");
        var setMask = (delegate* unmanaged[Cdecl, SuppressGCTransition]<int, byte*, byte*, int>)
            NativeLibrary.GetExport(libc, "sigprocmask");
        var name = (delegate* unmanaged[Cdecl, SuppressGCTransition]<int, byte*, nint, nint, nint, int>)
            NativeLibrary.GetExport(libc, "prctl");
        var execute = (delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*, byte**, byte**, int>)
            NativeLibrary.GetExport(libc, "execvpe");
        var errno = (delegate* unmanaged[Cdecl, SuppressGCTransition]<int*>)
            NativeLibrary.GetExport(libc, "__errno_location");
        var exit = (delegate* unmanaged[Cdecl, SuppressGCTransition]<int, int>)NativeLibrary.GetExport(libc, "_exit");

        byte* all = stackalloc byte[SignalSetBytes];
        byte* before = stackalloc byte[SignalSetBytes];
        new Span<byte>(all, SignalSetBytes).Fill(0xFF);
        byte* childName = stackalloc byte[NameBeforeExec.Length];
        NameBeforeExec.CopyTo(new Span<byte>(childName, NameBeforeExec.Length));

        setMask(SIG_BLOCK, all, before);
        int pid = fork();
        if (pid != 0)
        {
            int error = *errno();
            setMask(SIG_SETMASK, before, null);
            Marshal.SetLastSystemError(error);
            return pid;
        }

        // The child. exec resets handlers but keeps what is ignored: what viperf's caller ignored stays so (nohup),
        // but SIGPIPE is ignored by the .NET runtime, and the program is to find it as it is by default.
        for (int number = 1; number <= LastSignal; number++)
        {
            if (signal(number, 0) == SIG_IGN && number != SIGPIPE)
            {
                signal(number, SIG_IGN);
            }
        }

        setMask(SIG_SETMASK, before, null);
        name(PR_SET_NAME, childName, 0, 0, 0);
        close(releaseWrite); // or the end of the recorder would never be seen
        byte go;
        if (read(releaseRead, &go, 1) != 1)
        {
            exit(127);
        }

        if (outputToError)
        {
            duplicate(2, 1);
        }

        execute(arguments[0], arguments, variables);
        int failure = *errno();
        write(errorWrite, &failure, sizeof(int));
        exit(127);
        return 0;
    }

    private static List<string> Variables(IReadOnlyDictionary<string, string> environment)
    {
        var all = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(variable => !environment.ContainsKey((string)variable.Key))
            .Select(variable => $"{variable.Key}={variable.Value}");
        return [.. all, .. environment.Select(variable => $"{variable.Key}={variable.Value}")];
    }

    private static byte** AllocateStrings(IReadOnlyList<string> texts)
    {
        var strings = (byte**)NativeMemory.AllocZeroed((nuint)(texts.Count + 1), (nuint)sizeof(byte*));
        for (int i = 0; i < texts.Count; i++)
        {
            strings[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
        }

        return strings;
    }

    private static void FreeStrings(byte** strings)
    {
        for (byte** next = strings; *next != null; next++)
        {
            Marshal.FreeCoTaskMem((nint)(*next));
        }

        NativeMemory.Free(strings);
    }

    private static void Close(ref int fd)
    {
        if (fd >= 0)
        {
            _ = Descriptor.Close(fd);
            fd = -1;
        }
    }

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitPid(int pid, int* status, int options);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
