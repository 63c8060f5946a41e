using Viperf.Agent.CPython;

namespace Viperf.Agent.Capture;

/// <summary>
/// Finds the asyncio task that runs: <c>_asyncio._current_tasks</c>, which has one for each event loop. The program may import
/// asyncio at any time, and nobody tells: it is looked for among the modules.
/// </summary>
internal static unsafe class CurrentTasks
{
    private const int ModuleDictionary = 16;
    private const nint MostModules = 100_000;
    private const nint MostNames = 200;

    /// <summary>Loops that run at once, and places of those that ran before.</summary>
    private const nint MostLoops = 256;

    /// <summary>It is looked for again then: a look may have failed where the modules were just moved.</summary>
    private const int MostSkipped = 64;

    private static byte* s_tasks;

    /// <summary>Modules that were there when asyncio was last looked for.</summary>
    private static nint s_modules;

    /// <summary>Coroutines and generators since then.</summary>
    private static int s_skipped;

    /// <summary>The task whose coroutine runs; null if it is no task's.</summary>
    public static byte* Find(byte* coroutine, byte* modules, in TaskLayout layout, ref ObjectReader reader)
    {
        if (s_tasks == null && reader.IsSteady)
        {
            s_tasks = FindDictionary(modules, layout, ref reader);
        }

        DictionaryWalk walk = new(s_tasks, layout.FramesAreObjects, MostLoops, ref reader);
        while (walk.TryNext(out _, out byte* task, ref reader))
        {
            if (reader.Pointer(task + layout.Coroutine) == coroutine && Futures.KindOf(task, ref reader) == FutureKind.Task)
            {
                return task;
            }
        }

        return null;
    }

    private static byte* FindDictionary(byte* modules, in TaskLayout layout, ref ObjectReader reader)
    {
        DictionaryWalk walk = new(modules, layout.FramesAreObjects, MostModules, ref reader);
        if (walk.Entries == s_modules && ++s_skipped < MostSkipped)
        {
            return null;
        }

        s_modules = walk.Entries;
        s_skipped = 0;
        byte* module = Find(ref walk, "_asyncio"u8, ref reader);
        if (module == null)
        {
            return null;
        }

        DictionaryWalk names = new(reader.Pointer(module + ModuleDictionary), layout.FramesAreObjects, MostNames, ref reader);
        byte* found = Find(ref names, "_current_tasks"u8, ref reader);
        if (found == null)
        {
            s_modules = 0; // it is being imported
        }

        return found;
    }

    private static byte* Find(ref DictionaryWalk walk, ReadOnlySpan<byte> name, ref ObjectReader reader)
    {
        while (walk.TryNext(out byte* key, out byte* value, ref reader))
        {
            if (reader.IsText(reader.Pointer(key), name))
            {
                return value;
            }
        }

        return null;
    }
}
