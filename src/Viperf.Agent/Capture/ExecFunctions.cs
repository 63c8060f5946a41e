using System.Runtime;
using Viperf.Agent.Linux;

namespace Viperf.Agent.Capture;

/// <summary>
/// The functions that execute a program, which stand before the C library's: each is the same with an <see cref="ExecPause"/>
/// around it. Those that take a list of arguments come from Entry.*.S, where their registers are put into memory.
/// </summary>
internal static unsafe class ExecFunctions
{
#if ARM64
    private const int RegisterArguments = 8;
#else
    private const int RegisterArguments = 6;
#endif

    private const int NoSystem = 38; // ENOSYS

    private static void* s_execve;
    private static void* s_execv;
    private static void* s_execvp;
    private static void* s_execvpe;
    private static void* s_fexecve;
    private static void* s_execveat;
    private static void* s_spawn;
    private static void* s_spawnByName;

    /// <summary>Which function was called with a list.</summary>
    private enum ListKind
    {
        /// <summary>execl.</summary>
        Path = 0,

        /// <summary>execlp.</summary>
        Name = 1,

        /// <summary>execle.</summary>
        Environment = 2,
    }

    /// <summary>Looks all of them up, so that none has to be where looking up may not be safe.</summary>
    public static void Resolve()
    {
        NextSymbol.Resolve(ref s_execve, "execve"u8);
        NextSymbol.Resolve(ref s_execv, "execv"u8);
        NextSymbol.Resolve(ref s_execvp, "execvp"u8);
        NextSymbol.Resolve(ref s_execvpe, "execvpe"u8);
        NextSymbol.Resolve(ref s_fexecve, "fexecve"u8);
        NextSymbol.Resolve(ref s_execveat, "execveat"u8);
        NextSymbol.Resolve(ref s_spawn, "posix_spawn"u8);
        NextSymbol.Resolve(ref s_spawnByName, "posix_spawnp"u8);
    }

    [RuntimeExport("execve")]
    private static int Execute(nint path, nint arguments, nint environment) =>
        Run(NextSymbol.Resolve(ref s_execve, "execve"u8), path, arguments, environment, 0, 0);

    [RuntimeExport("execv")]
    private static int ExecuteHere(nint path, nint arguments) => Run(NextSymbol.Resolve(ref s_execv, "execv"u8), path, arguments, 0, 0, 0);

    [RuntimeExport("execvp")]
    private static int ExecuteByName(nint name, nint arguments) =>
        Run(NextSymbol.Resolve(ref s_execvp, "execvp"u8), name, arguments, 0, 0, 0);

    [RuntimeExport("execvpe")]
    private static int ExecuteByNameWith(nint name, nint arguments, nint environment) =>
        Run(NextSymbol.Resolve(ref s_execvpe, "execvpe"u8), name, arguments, environment, 0, 0);

    [RuntimeExport("fexecve")]
    private static int ExecuteFile(nint file, nint arguments, nint environment) =>
        Run(NextSymbol.Resolve(ref s_fexecve, "fexecve"u8), file, arguments, environment, 0, 0);

    [RuntimeExport("execveat")]
    private static int ExecuteAt(nint directory, nint path, nint arguments, nint environment, nint flags) =>
        Run(NextSymbol.Resolve(ref s_execveat, "execveat"u8), directory, path, arguments, environment, flags);

    [RuntimeExport("posix_spawn")]
    private static int Spawn(nint pid, nint path, nint actions, nint attributes, nint arguments, nint environment) =>
        Spawn(NextSymbol.Resolve(ref s_spawn, "posix_spawn"u8), pid, path, actions, attributes, arguments, environment);

    [RuntimeExport("posix_spawnp")]
    private static int SpawnByName(nint pid, nint name, nint actions, nint attributes, nint arguments, nint environment) =>
        Spawn(NextSymbol.Resolve(ref s_spawnByName, "posix_spawnp"u8), pid, name, actions, attributes, arguments, environment);

    /// <summary>execl, execlp and execle.</summary>
    /// <param name="registers">The arguments that came in registers.</param>
    /// <param name="stack">Those that came on the stack.</param>
    /// <param name="kind">Which function it is.</param>
    [RuntimeExport("viperf_exec_list")]
    private static int ExecuteList(nint* registers, nint* stack, ListKind kind)
    {
        int count = 0;
        while (Argument(registers, stack, count + 1) != 0)
        {
            count++;
        }

        byte* place = stackalloc byte[(count + 1) * sizeof(nint)]; // a product that is checked would need an exception
        nint* arguments = (nint*)place;
        for (int i = 0; i <= count; i++)
        {
            arguments[i] = Argument(registers, stack, i + 1);
        }

        return kind switch
        {
            ListKind.Path => ExecuteHere(registers[0], (nint)arguments),
            ListKind.Name => ExecuteByName(registers[0], (nint)arguments),
            _ => Execute(registers[0], (nint)arguments, Argument(registers, stack, count + 2)),
        };
    }

    private static nint Argument(nint* registers, nint* stack, int index) =>
        index < RegisterArguments ? registers[index] : stack[index - RegisterArguments];

    /// <summary>Calls a function with as many arguments as any of them has.</summary>
    private static int Run(void* function, nint a, nint b, nint c, nint d, nint e)
    {
        if (function == null)
        {
            return -1;
        }

        var pause = ExecPause.Begin();
        int result = ((delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, nint, nint, nint, nint, int>)function)(a, b, c, d, e);
        pause.End();
        return result;
    }

    /// <summary>Nobody signals the child; but it has to inherit what the program ignores.</summary>
    private static int Spawn(void* function, nint a, nint b, nint c, nint d, nint e, nint f)
    {
        if (function == null)
        {
            return NoSystem;
        }

        bool isIgnored = TrapSignal.BeginExec(ignores: false);
        int result = ((delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, nint, nint, nint, nint, nint, int>)function)(a, b, c, d, e, f);
        if (isIgnored)
        {
            TrapSignal.EndExec();
        }

        return result;
    }
}
