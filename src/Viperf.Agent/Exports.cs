using System.Runtime;
using System.Runtime.CompilerServices;
using Viperf.Abi;
using Viperf.Agent.Capture;
using Viperf.Agent.CPython;
using Viperf.Agent.Linux;
using Viperf.Agent.Trampolines;

namespace Viperf.Agent;

/// <summary>The library's whole C surface.</summary>
internal static unsafe class Exports
{
    /// <summary>
    /// Its constructor. Preloaded (LD_PRELOAD), it meets every program of a tree of processes: what is no Python costs this
    /// one look-up.
    /// </summary>
    [RuntimeExport("viperf_on_load")]
    private static void OnLoad()
    {
        ResolveNext();
        void* addHook = Libc.Find("PySys_AddAuditHook"u8);
        if (addHook == null)
        {
            OtherProgram.Tell();
            return;
        }

        _ = ForkGuard.TryCreate(); // one thread runs this, whereas several may import the library at the same time
        if (IsAskedFor(out _))
        {
            AuditHook.Install(addHook, &OnStart);
        }
    }

    /// <summary>Its destructor, at exit.</summary>
    [RuntimeExport("viperf_on_unload")]
    private static void OnUnload()
    {
        if (ForkGuard.IsCreated)
        {
            CodeTrampolines.CloseFiles();
        }
    }

    /// <summary>What CPython calls to import the library as an extension module.</summary>
    [RuntimeExport("PyInit__agent")]
    private static void* PyInit()
    {
        // Two agents in one process would put two trampolines around each call: the one that was preloaded, and so can be
        // found by its name, serves for both.
        var preloaded = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*>)Libc.Find("PyInit__agent"u8);
        return preloaded != null && preloaded != OwnInit() ? preloaded() : PythonModule.Create();
    }

    private static void OnStart()
    {
        if (!IsAskedFor(out byte* name))
        {
            return;
        }

        byte* place = stackalloc byte[Problem.MostBytes];
        TextBuffer problem = new(place, Problem.MostBytes);
        bool isForCapture = !Backends.TryParse(name, out var backend);
        if (isForCapture)
        {
            if (CaptureSession.TryPrepare(ref problem))
            {
                if (!CaptureSession.TryBegin(ref problem))
                {
                    problem.Add(": no Python functions"u8);
                    Notes.Add(problem);
                }

                return;
            }

            if (!CaptureSession.HasEvents(name))
            {
                problem.Add(": no Python functions"u8);
                Notes.Add(problem);
                return; // nothing samples it
            }

            // An interpreter that capture does not know may still have trampolines, whose names the recorder reads too.
            backend = Backend.PerfMap;
            name = AgentEnvironment.PerfMap.Pointer;
            problem.Add("; "u8);
        }

        if (Activation.TryActivate(backend, ref problem))
        {
            BuiltInTrampolines.GiveWay(backend);
            if (isForCapture)
            {
                problem.Add("trampolines are used, without lines"u8);
                Notes.Add(problem);
            }

            return;
        }

        if (BuiltInTrampolines.IsActive())
        {
            return; // -X perf
        }

        bool mayUseBuiltIn = Libc.GetEnvironment(AgentEnvironment.AgentOnly) == null && !CodeTrampolines.IsFileRefused;
        problem.Add(mayUseBuiltIn && BuiltInTrampolines.TryActivate(name) ? ": its own trampolines are used"u8 : ": no Python functions"u8);
        Notes.Add(problem);
    }

    /// <summary>
    /// Looks up what the library's functions stand before, while one thread runs: later it may be in a signal handler, or in a
    /// fork's child while another thread had the loader's lock.
    /// </summary>
    private static void ResolveNext()
    {
        TrapSignal.Resolve();
        WaitFunctions.Resolve();
        ExecFunctions.Resolve();
        NewThreads.Resolve();
    }

    private static bool IsAskedFor(out byte* mode)
    {
        mode = Libc.GetEnvironment(AgentEnvironment.Mode);
        return mode != null && (Backends.TryParse(mode, out _) || CaptureSession.IsAskedFor(mode));
    }

    /// <summary>The address of this library's <see cref="PyInit"/>.</summary>
    [RuntimeImport("viperf_own_init")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void* OwnInit();
}
