using Viperf.Abi;

namespace Viperf.Core.Recording;

/// <summary>Finds the Python states of a process's threads: each names its thread, and they hang together.</summary>
/// <param name="layout">Where things lie.</param>
/// <param name="memory">The process's memory.</param>
internal sealed class RemoteThreads(CaptureLayout layout, RemoteMemory memory)
{
    // PyThreadState's first words: the one before, the one behind.
    private const ulong Next = 8;

    /// <summary>No program has so many threads.</summary>
    private const int MostStates = 64 * 1024;

    private readonly Dictionary<int, ulong> _byThread = [];
    private readonly List<ulong> _anchors = [layout.State];

    /// <summary>Finds a thread's state; false if it has none that is known.</summary>
    public bool TryFind(int tid, out ulong state) => _byThread.TryGetValue(tid, out state) && ThreadOf(state) == tid;

    /// <summary>Looks all states up anew.</summary>
    public void Refresh()
    {
        _byThread.Clear();
        foreach (ulong anchor in _anchors)
        {
            if (anchor != 0 && ThreadOf(anchor) != 0)
            {
                Collect(anchor);
                break;
            }
        }

        _anchors.RemoveRange(1, _anchors.Count - 1);
        _anchors.AddRange(_byThread.Values.Take(16)); // the first's thread may end before the others
    }

    private void Collect(ulong anchor)
    {
        ulong first = anchor;
        for (int i = 0; i < MostStates && memory.TryReadWord(first, out ulong before) && before != 0; i++)
        {
            first = before;
        }

        ulong state = first;
        for (int i = 0; i < MostStates && state != 0; i++)
        {
            int tid = ThreadOf(state);
            if (tid != 0)
            {
                _byThread.TryAdd(tid, state);
            }

            if (!memory.TryReadWord(state + Next, out ulong next))
            {
                break;
            }

            state = next;
        }
    }

    /// <summary>The thread that a state says it is of; 0 if it is no state.</summary>
    private int ThreadOf(ulong state) => layout.ThreadNumber > 0
        && memory.TryReadWord(state + (ulong)layout.ThreadId, out ulong thread) && thread != 0
        && memory.TryReadWord(thread + (ulong)layout.ThreadNumber, out ulong number)
            ? (int)(uint)number
            : 0;
}
