using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Viperf.Abi;
using Viperf.Agent.CPython;
using Viperf.Agent.Linux;
using Viperf.Agent.Output;

namespace Viperf.Agent.Trampolines;

/// <summary>The trampolines of code objects: found in their slots, made when code is first called.</summary>
internal static unsafe class CodeTrampolines
{
    /// <summary>A jitdump's three records: the name stands in two of them.</summary>
    private const int RecordBytes = (2 * Evaluators.NameBytes) + 1024;

    private static Layout s_layout;
    private static TrampolineStore s_perfMapStore;
    private static TrampolineStore s_jitDumpStore;
    private static RecordMemory s_record;
    private static bool s_saidProblem;
    private static bool s_isFileRefused;

    /// <summary>Where this process's CPython keeps what is read.</summary>
    public static ref Layout Layout => ref s_layout;

    /// <summary>Opens a backend's file, so that what stands in the way shows at once.</summary>
    /// <returns>0, a negative error number or <see cref="OwnFile.NotOwn"/>.</returns>
    public static int OpenFile(Backend backend)
    {
        Enter();
        int error = backend == Backend.JitDump ? JitDump.Open() : PerfMap.Open();
        s_isFileRefused = error != 0;
        ForkGuard.Leave();
        return error;
    }

    /// <summary>
    /// True if <see cref="OpenFile"/> failed last. CPython's own trampolines would go on to the same file, and wait for ever
    /// at a pipe, or follow a link.
    /// </summary>
    public static bool IsFileRefused => s_isFileRefused;

    /// <summary>Leaves the files as they should be when the process ends; threads may still run.</summary>
    public static void CloseFiles()
    {
        Enter();
        PerfMap.Close();
        ForkGuard.Leave();
    }

    /// <summary>Tells profilers of an evaluator's code, which is met on the way to every trampoline.</summary>
    public static void Announce(Evaluator* evaluator)
    {
        byte* place = stackalloc byte[32];
        TextBuffer name = new(place, 32);
        name.Add("viperf::evaluator"u8);
        Enter();
        _ = Write(evaluator->Backend, evaluator->Code, AgentCode.EvaluatorBytes, false, name, name.Length, 0);
        ForkGuard.Leave();
    }

    /// <summary>
    /// Called by Entry.*.S where an evaluator found no trampoline, or the stack is nearly full. Returns where to go.
    /// </summary>
    [RuntimeExport("viperf_find_trampoline")]
    private static void* Find(EvaluatorArguments* arguments, Evaluator* evaluator)
    {
        if (s_layout.NeedsStackLimit && (nuint)arguments < StackLimit.OfThisThread())
        {
            RaiseRecursionError(arguments);
            return Bare();
        }

        byte* frame = (byte*)(s_layout.FrameIsFirst ? arguments->First : arguments->Second);
        byte* code = (byte*)(*(nuint*)(frame + s_layout.FrameCode) & ~(nuint)s_layout.FrameTag);
        if (!PythonApi.IsCode(code))
        {
            return Bare();
        }

        nint index = evaluator->Index;
        nint* extra = *(nint**)(code + s_layout.CodeExtra);
        if (extra != null && extra[0] > index && extra[1 + index] != 0)
        {
            return (void*)extra[1 + index];
        }

        void* type, value, traceback;
        PythonApi.FetchError(&type, &value, &traceback); // a generator may be about to raise one
        void* trampoline = Make(code, evaluator);
        if (!CodeExtra.TrySet(code, s_layout, index, trampoline))
        {
            OnCodeFreed(trampoline, evaluator->Backend);
            trampoline = Bare();
        }

        PythonApi.RestoreError(type, value, traceback);
        return trampoline;
    }

    /// <summary>The function that CPython calls for a perf map's trampoline when its code object dies.</summary>
    [UnmanagedCallersOnly]
    public static void OnPerfMapCodeFreed(void* trampoline) => OnCodeFreed(trampoline, Backend.PerfMap);

    /// <summary>The same for a jitdump's.</summary>
    [UnmanagedCallersOnly]
    public static void OnJitDumpCodeFreed(void* trampoline) => OnCodeFreed(trampoline, Backend.JitDump);

    private static void OnCodeFreed(void* trampoline, Backend backend)
    {
        // CPython asks for every slot that the code object has room for, whether something was put there or not.
        if (trampoline != null && trampoline != Bare() && trampoline != CodeExtraProbe.Mark)
        {
            Enter();
            StoreOf(backend).Free((byte*)trampoline);
            ForkGuard.Leave();
        }
    }

    private static void* Make(void* code, Evaluator* evaluator)
    {
        var backend = evaluator->Backend;
        TextBuffer name = new(evaluator->Name, Evaluators.NameBytes);
        CodeName.Describe(code, s_layout.HasQualifiedNames, ref name, out int fileStart);
        uint line = backend == Backend.JitDump ? CodeName.FirstLine(code) : 0;
        int bytes = MachineCode.TrampolineBytes(s_layout);

        Enter();
        ref var store = ref StoreOf(backend);
        byte* trampoline = store.Take(s_layout, StrideOf(backend), out int error);
        if (trampoline != null)
        {
            error = Write(backend, trampoline, bytes, true, name, fileStart, line);
            if (error != 0)
            {
                store.Free(trampoline);
                trampoline = null;
            }
        }

        bool isNew = error != 0 && !s_saidProblem;
        s_saidProblem |= isNew;
        ForkGuard.Leave();
        if (isNew)
        {
            Problem.NoteUnnamed(error, backend);
        }

        return trampoline == null ? Bare() : trampoline;
    }

    private static int Write(
        Backend backend, byte* code, int bytes, bool isTrampoline, in TextBuffer name, int fileStart, uint line)
    {
        fixed (RecordMemory* memory = &s_record)
        {
            TextBuffer record = new((byte*)memory, RecordBytes);
            return backend == Backend.JitDump
                ? JitDump.Write(code, bytes, isTrampoline, name, fileStart, line, s_layout, ref record)
                : PerfMap.Write(code, bytes, name, ref record);
        }
    }

    /// <summary>Takes the lock; what a forked child knows of its parent's trampolines' places it forgets.</summary>
    public static void Enter()
    {
        if (ForkGuard.Enter())
        {
            s_perfMapStore.Abandon();
            s_jitDumpStore.Abandon();
        }
    }

    private static ref TrampolineStore StoreOf(Backend backend) =>
        ref backend == Backend.JitDump ? ref s_jitDumpStore : ref s_perfMapStore;

    /// <summary>Bytes from one trampoline to the next.</summary>
    private static int StrideOf(Backend backend)
    {
        const int alignment = 8;
        int code = (MachineCode.TrampolineBytes(s_layout) + alignment - 1) & ~(alignment - 1);
        return backend == Backend.JitDump ? code + JitDump.UnwindRoom : code + alignment;
    }

    /// <summary>
    /// Makes the evaluator behind raise the error in the frame that was to run, as if it had been thrown in there: a frame
    /// that was never run could not be taken off CPython's stack.
    /// </summary>
    private static void RaiseRecursionError(EvaluatorArguments* arguments)
    {
        void* throwsAlready = s_layout.FrameIsFirst ? arguments->Second : arguments->Third;
        if ((int)(nint)throwsAlready != 0)
        {
            return;
        }

        PythonApi.Raise(
            "PyExc_RecursionError"u8,
            "maximum recursion depth exceeded: the thread's stack is full (calls take some of it while viperf is active)"u8.Pointer);
        if (s_layout.FrameIsFirst)
        {
            arguments->Second = (void*)1;
        }
        else
        {
            arguments->Third = (void*)1;
        }
    }

    /// <summary>What stands in for a trampoline where there is none: Entry.*.S's jump to the evaluator behind.</summary>
    [RuntimeImport("viperf_bare_address")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void* Bare();

    /// <summary>The evaluator's arguments, as Entry.*.S saved them.</summary>
    private struct EvaluatorArguments
    {
        public void* First;
        public void* Second;
        public void* Third;
    }

    private struct RecordMemory
    {
        private fixed byte _bytes[RecordBytes];
    }
}
