using Viperf.Agent.CPython;
using Viperf.Agent.Linux;

namespace Viperf.Agent.Trampolines;

/// <summary>A backend's trampolines: those in use, those that were not used yet, those whose code died.</summary>
internal unsafe struct TrampolineStore
{
    /// <summary>
    /// So many trampolines are made before one is used again, the one that was free longest first: a perf map has no times,
    /// and its readers take an address for the last function that lay there. Bounds the memory: one MiB of code.
    /// </summary>
    private const int MadeBeforeReuse = 64 * 1024;

    private Arena* _arena;
    private byte* _oldestFree;
    private byte* _newestFree;
    private int _made;

    /// <summary>A trampoline for code that is new; null if there is no memory.</summary>
    public byte* Take(in Layout layout, int stride, out int error)
    {
        error = 0;
        if (_oldestFree != null && _made >= MadeBeforeReuse)
        {
            byte* freed = _oldestFree;
            _oldestFree = *Arena.Of(freed)->LinkOf(freed);
            return freed;
        }

        byte* trampoline = _arena == null ? null : _arena->Take();
        if (trampoline == null)
        {
            _arena = Arena.Create(layout, stride, out error);
            trampoline = _arena == null ? null : _arena->Take();
        }

        _made += trampoline == null ? 0 : 1;
        return trampoline;
    }

    /// <summary>Takes a trampoline back whose code died.</summary>
    public void Free(byte* trampoline)
    {
        if (Arena.Of(trampoline)->ProcessId != ForkGuard.ProcessId)
        {
            return;
        }

        *Arena.Of(trampoline)->LinkOf(trampoline) = null;
        if (_oldestFree == null)
        {
            _oldestFree = trampoline;
        }
        else
        {
            *Arena.Of(_newestFree)->LinkOf(_newestFree) = trampoline;
        }

        _newestFree = trampoline;
    }

    /// <summary>Begins anew in a forked child, whose parent goes on to name what was not used yet.</summary>
    public void Abandon() => this = default;
}
