using System.Runtime.InteropServices;
using Viperf.Abi;
using Viperf.Agent.CPython;
using Viperf.Agent.Linux;
using Viperf.Agent.Trampolines;

namespace Viperf.Agent.Capture;

/// <summary>Has this process sampled by the recorder, and its forked children by themselves.</summary>
internal static unsafe class CaptureSession
{
    private static int s_minor;
    private static bool s_isReady;
    private static bool s_isBegun;
    private static CaptureLayout s_layout;
    private static TextLayout s_texts;

    /// <summary>True if the value of <see cref="AgentEnvironment.Mode"/> asks for this.</summary>
    public static bool IsAskedFor(byte* mode) =>
        Backends.Equals(mode, CaptureProtocol.Mode) || Backends.Equals(mode, CaptureProtocol.TimerMode);

    /// <summary>True if that value says that the kernel's events sample programs, with or without this.</summary>
    public static bool HasEvents(byte* mode) => Backends.Equals(mode, CaptureProtocol.Mode);

    /// <summary>Finds out whether frames of this interpreter can be written down, and gets ready to.</summary>
    /// <param name="problem">Why not, if not.</param>
    public static bool TryPrepare(ref TextBuffer problem) => s_isReady || (IsSupported(ref problem) && TryGetReady(ref problem));

    /// <summary>Begins, prepared; the interpreter's lock must be held, and there must be no other thread.</summary>
    /// <param name="problem">Why not, if not.</param>
    public static bool TryBegin(ref TextBuffer problem)
    {
        if (s_isBegun)
        {
            return true;
        }

        s_isBegun = TryFindRecorder(ref problem) && TryAsk(CaptureWish.Begin, ref problem);
        return s_isBegun;
    }

    private static bool IsSupported(ref TextBuffer problem)
    {
        if (!PythonApi.TryResolve())
        {
            problem.Add("this is no CPython from 3.8 on: its functions are not there"u8);
            return false;
        }

        s_minor = PythonApi.MinorVersion();
        if (!PythonApi.IsFreeThreaded() && FrameLayout.TryGet(s_minor, out _))
        {
            return true;
        }

        problem.Add("frames of CPython "u8);
        Problem.AddVersion(ref problem);
        problem.Add(PythonApi.IsFreeThreaded() ? " without a global lock are not known to this viperf"u8 : " are not known to this viperf"u8);
        return false;
    }

    private static bool TryGetReady(ref TextBuffer problem)
    {
        _ = FrameLayout.TryGet(s_minor, out var frames);
        RunningThread thread = new(frames);
        if (!thread.IsUsable || !CodeLayout.TryFind(s_minor, out var code) || !TextLayout.TryFind(out var texts))
        {
            problem.Add("objects of this CPython "u8);
            Problem.AddVersion(ref problem);
            problem.Add(" are not laid out as in its releases"u8);
            return false;
        }

        if (!KnownCode.TryCreate(out var known) || !SampleHandler.TryPrepare(frames, new CodeWriter(code, texts), known, thread))
        {
            problem.Add("no memory"u8);
            return false;
        }

        if (!TryWatchForks())
        {
            problem.Add("the C library tells of no forks"u8);
            return false;
        }

        Describe(frames, code, texts, thread);
        s_texts = texts;
        CodeDeath.Watch(known);
        s_isReady = true;
        return true;
    }

    /// <summary>Notes where this Python keeps what the recorder may read from outside. The running thread has the lock.</summary>
    private static void Describe(in FrameLayout frames, in CodeLayout code, in TextLayout texts, in RunningThread thread)
    {
        byte* gil = GilLayout.Find((byte*)PythonApi.GetThreadState());
        s_layout = default;
        frames.Describe(ref s_layout);
        code.Describe(ref s_layout);
        texts.Describe(ref s_layout);
        s_layout.ThreadNumber = thread.FindNumber(Syscall.GetThreadId());
        s_layout.Gil = (ulong)gil;
        SampleHandler.KnowGil(gil);
    }

    private static bool TryFindRecorder(ref TextBuffer problem)
    {
        byte* directory = Libc.GetEnvironment(AgentEnvironment.Session);
        if (directory != null && RecorderSocket.TryFind(directory))
        {
            return true;
        }

        problem.Add("there is no recorder"u8);
        return false;
    }

    private static bool TryAsk(CaptureWish wish, ref TextBuffer problem)
    {
        int error = RecorderSocket.Connect(out var socket);
        if (error != 0)
        {
            problem.Add("the recorder cannot be reached: error "u8);
            problem.AddDecimal((ulong)-error);
            return false;
        }

        bool done = TryTalk(socket, wish);
        socket.Close();
        if (!done)
        {
            problem.Add("the recorder did not open events for this process"u8);
        }

        return done;
    }

    private static bool TryTalk(RecorderSocket socket, CaptureWish wish)
    {
        s_layout.State = (ulong)PythonApi.GetThreadState();
        CaptureRequest request = new()
        {
            Layout = s_layout,
            Mark = CaptureProtocol.Mark,
            ProcessId = Syscall.GetProcessId(),
            PythonMinor = s_minor,
            Wish = wish,
        };
        CaptureAnswer answer = default;
        int file = -1;
        bool isAnswered = socket.TrySend(&request, sizeof(CaptureRequest)) && socket.TryReceive(&answer, out file);
        void* memory = null;
        if (isAnswered && answer.Mark == CaptureProtocol.Mark)
        {
            memory = Syscall.MapMemory(
                CaptureRingHeader.HeaderBytes + answer.RingBytes, Syscall.PROT_READ | Syscall.PROT_WRITE, Syscall.MAP_SHARED, file, 0, out _);
        }

        if (file >= 0)
        {
            Syscall.Close(file);
        }

        if (memory == null)
        {
            return false;
        }

        if (wish == CaptureWish.Begin && answer.FollowsTasks != 0)
        {
            FollowTasks();
        }

        SampleHandler.Begin(new CaptureRing(memory, answer.RingBytes), answer.SignalData, answer.MeasuresCpuTime != 0);
        byte go = 1;
        bool isTimed = answer.TimerInterval != 0 && ThreadTimers.TryPrepare(answer);
        bool isAlone = answer.TimerInterval != 0 && answer.MeasuresCpuTime == 0;
        if ((isAlone && !isTimed) || !TrapSignal.TryTake(&SampleHandler.OnSignal) || !socket.TrySend(&go, 1))
        {
            return false;
        }

        if (isTimed)
        {
            ThreadTimers.Begin();
        }

        return true;
    }

    private static void FollowTasks()
    {
        if (TaskFinder.TryFind(s_minor, s_texts, out var tasks))
        {
            SampleHandler.FollowTasks(tasks);
            return;
        }

        byte* place = stackalloc byte[Problem.MostBytes];
        TextBuffer problem = new(place, Problem.MostBytes);
        problem.Add("tasks of CPython "u8);
        Problem.AddVersion(ref problem);
        problem.Add(" are not known to this viperf: they stand alone, not under those that await them"u8);
        Notes.Add(problem);
    }

    private static bool TryWatchForks()
    {
        var register = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void*, delegate* unmanaged<void>, void*, int>)
            Libc.Find("__register_atfork"u8);
        if (register != null)
        {
            return register(null, null, &OnFork, null) == 0;
        }

        var watch = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void*, delegate* unmanaged<void>, int>)
            Libc.Find("pthread_atfork"u8);
        return watch != null && watch(null, null, &OnFork) == 0;
    }

    /// <summary>A child has no events of its own yet, and so gets no signals.</summary>
    [UnmanagedCallersOnly]
    private static void OnFork()
    {
        TrapSignal.OnFork();
        var ring = SampleHandler.End();
        if (ring.Memory == null)
        {
            return; // the parent was not sampled either
        }

        ThreadTimers.End();
        Syscall.UnmapMemory(ring.Memory, ring.Bytes);
        byte* place = stackalloc byte[Problem.MostBytes];
        TextBuffer problem = new(place, Problem.MostBytes);
        if (!TryAsk(CaptureWish.BeginChild, ref problem))
        {
            problem.Add(": a forked process is not sampled"u8);
            Notes.Add(problem);
        }
    }
}
