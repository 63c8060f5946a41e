using Viperf.Agent.CPython;
using Viperf.Agent.Linux;
using Viperf.Agent.Trampolines;

namespace Viperf.Agent.Output;

/// <summary>
/// <c>/tmp/jit-PID.dump</c> (tools/perf/Documentation/jitdump-specification.txt): each function with its time, first line,
/// unwind information and code, there as soon as it can run. Its first page is mapped executable, which is how profilers
/// hear of it.
/// </summary>
internal static unsafe class JitDump
{
    /// <summary>
    /// Bytes behind a trampoline that its unwind information is said to take: injected mappings cover them, and must not
    /// overlap.
    /// </summary>
    public const int UnwindRoom = 88;

    private const uint Magic = 0x4a695444; // "JiTD", in the byte order of the file
    private const int HeaderBytes = 40;

    private const uint JIT_CODE_LOAD = 0;
    private const uint JIT_CODE_DEBUG_INFO = 2;
    private const uint JIT_CODE_UNWINDING_INFO = 4;

    private const int PrefixBytes = 16;

    private const nuint PageBytes = 4096; // the kernel maps whole pages, however large they are
    private const int NanosecondsPerMicrosecond = 1000;

    private static int s_processId;

    /// <summary>Bytes of the file.</summary>
    private static long s_length;

    /// <summary>Makes the file for the first time, or after a fork.</summary>
    /// <returns>0, a negative error number or <see cref="OwnFile.NotOwn"/>.</returns>
    public static int Open()
    {
        if (s_processId == ForkGuard.ProcessId)
        {
            return 0;
        }

        byte* place = stackalloc byte[OwnFile.PathBytes];
        byte* path = Path(place, ForkGuard.ProcessId);
        int file = OwnFile.OpenExisting(path, out long length);
        if (file >= 0 && !IsOfThisProcess(file, length))
        {
            Syscall.Close(file);
            file = Syscall.ENOENT;
        }

        int error = 0;
        if (file < 0)
        {
            file = OwnFile.Create(path);
            error = file < 0 ? file : WriteHeader(file);
            length = HeaderBytes;
        }

        if (file < 0)
        {
            return error;
        }

        if (error == 0)
        {
            Syscall.MapMemory(PageBytes, Syscall.PROT_READ | Syscall.PROT_EXEC, Syscall.MAP_PRIVATE, file, 0, out error);
        }

        Syscall.Close(file);
        if (error == 0)
        {
            s_processId = ForkGuard.ProcessId;
            s_length = length;
        }

        return error;
    }

    /// <summary>Adds a function.</summary>
    /// <param name="code">Its code.</param>
    /// <param name="codeBytes">Bytes of it.</param>
    /// <param name="isTrampoline">False for an evaluator.</param>
    /// <param name="name">Its name.</param>
    /// <param name="fileStart">Where in the name the source file's begins.</param>
    /// <param name="line">The function's first line; 0 for none.</param>
    /// <param name="layout">What trampolines look like.</param>
    /// <param name="record">Memory for the records.</param>
    /// <returns>As <see cref="Open"/>.</returns>
    public static int Write(
        byte* code, int codeBytes, bool isTrampoline, in TextBuffer name, int fileStart, uint line, in Layout layout,
        ref TextBuffer record)
    {
        int error = Open();
        if (error != 0)
        {
            return error;
        }

        byte* place = stackalloc byte[OwnFile.PathBytes];
        int file = OwnFile.Reopen(Path(place, s_processId));
        if (file < 0)
        {
            return file;
        }

        record.Clear();
        ulong time = Libc.MonotonicTime();
        AddUnwinding(ref record, time, layout, codeBytes, isTrampoline);
        if (line != 0)
        {
            AddLine(ref record, time, code, line, name, fileStart);
        }

        // The place in the file is a number that no other function of the process gets, even if another program of the
        // same process (exec) writes on.
        AddLoad(ref record, time, code, codeBytes, (ulong)s_length + (ulong)record.Length, name);
        error = OwnFile.Append(file, record, s_length);
        Syscall.Close(file);
        s_length += error == 0 ? record.Length : 0;
        return error;
    }

    private static void AddUnwinding(ref TextBuffer record, ulong time, in Layout layout, int codeBytes, bool isTrampoline)
    {
        int start = Begin(ref record, JIT_CODE_UNWINDING_INFO, time);
        int sizes = record.Length;
        record.AddUInt64(0);
        record.AddUInt64(UnwindInfo.HeaderBytes);
        record.AddUInt64(0);
        int size = UnwindInfo.Write(ref record, layout, codeBytes, isTrampoline);
        record.Align(sizeof(ulong));
        *(long*)(record.First + sizes) = size;
        *(long*)(record.First + sizes + (2 * sizeof(long))) = record.Length - sizes - (3 * sizeof(long));
        End(ref record, start);
    }

    private static void AddLine(ref TextBuffer record, ulong time, byte* code, uint line, in TextBuffer name, int fileStart)
    {
        int start = Begin(ref record, JIT_CODE_DEBUG_INFO, time);
        record.AddUInt64((ulong)code);
        record.AddUInt64(1);
        record.AddUInt64((ulong)code);
        record.AddUInt32(line);
        record.AddUInt32(0);
        record.Add(name.First + fileStart, name.Length - fileStart);
        record.Add(0);
        End(ref record, start);
    }

    private static void AddLoad(ref TextBuffer record, ulong time, byte* code, int codeBytes, ulong index, in TextBuffer name)
    {
        int start = Begin(ref record, JIT_CODE_LOAD, time);
        record.AddUInt32((uint)s_processId);
        record.AddUInt32((uint)ThreadBlock.ThreadId(s_processId));
        record.AddUInt64((ulong)code);
        record.AddUInt64((ulong)code);
        record.AddUInt64((ulong)codeBytes);
        record.AddUInt64(index);
        record.Add(name.First, name.Length);
        record.Add(0);
        record.Add(code, codeBytes);
        End(ref record, start);
    }

    private static int Begin(ref TextBuffer record, uint type, ulong time)
    {
        int start = record.Length;
        record.AddUInt32(type);
        record.AddUInt32(0); // its size, when it is known
        record.AddUInt64(time);
        return start;
    }

    private static void End(ref TextBuffer record, int start) => ((int*)(record.First + start))[1] = record.Length - start;

    private static int WriteHeader(int file)
    {
        byte* place = stackalloc byte[HeaderBytes];
        TextBuffer header = new(place, HeaderBytes);
        header.AddUInt32(Magic);
        header.AddUInt32(1); // version
        header.AddUInt32(HeaderBytes);
        header.AddUInt32(MachineCode.ElfMachine);
        header.AddUInt32(0);
        header.AddUInt32((uint)ForkGuard.ProcessId);
        header.AddUInt64(Libc.RealTime() / NanosecondsPerMicrosecond); // CPython's own dumps have it so
        header.AddUInt64(0);
        return OwnFile.Append(file, header, 0);
    }

    /// <summary>
    /// Whether a dump was begun since this process began, by the program that this one took the place of (exec). Otherwise
    /// it is left from a process that had the number before.
    /// </summary>
    private static bool IsOfThisProcess(int file, long length)
    {
        byte* header = stackalloc byte[HeaderBytes];
        if (length < HeaderBytes || Syscall.Read(file, header, HeaderBytes) != HeaderBytes
            || *(uint*)header != Magic || ((uint*)header)[5] != (uint)ForkGuard.ProcessId)
        {
            return false;
        }

        ulong begun = ((ulong*)header)[3] * NanosecondsPerMicrosecond;
        ulong age = ProcessAge.Nanoseconds();
        return age != 0 && begun + age >= Libc.RealTime();
    }

    private static byte* Path(byte* place, int processId)
    {
        TextBuffer path = new(place, OwnFile.PathBytes);
        path.Add("/tmp/jit-"u8);
        path.AddDecimal((ulong)processId);
        path.Add(".dump\0"u8);
        return place;
    }
}
