using System.Buffers.Binary;
using Viperf.Abi;

namespace Viperf.Core.Recording;

/// <summary>Reads the Python frames of threads that stand still, as their agent would have written them down.</summary>
internal sealed class RemotePython
{
    private const int MostFrames = 4096;
    private const byte OwnerGenerator = 1; // FRAME_OWNED_BY_GENERATOR
    private const int MostFrameBytes = 256;

    private readonly CaptureLayout _layout;
    private readonly RemoteMemory _memory;
    private readonly RemoteThreads _threads;
    private readonly List<CaptureFrame> _frames = [];
    private readonly bool _isPlausible;
    private ulong _refreshed;

    /// <summary>Prepares.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="layout">What its agent said of it.</param>
    public RemotePython(int pid, in CaptureLayout layout)
    {
        _layout = layout;
        _isPlausible = IsPlausible(layout);
        _memory = new RemoteMemory(pid);
        _threads = new RemoteThreads(layout, _memory);
        Code = new RemoteCode(layout, _memory);
    }

    /// <summary>The code of the frames.</summary>
    public RemoteCode Code { get; }

    /// <summary>
    /// Reads a thread's frames, innermost first, as of <see cref="CaptureFrame"/> with the numbers of <see cref="Code"/>; empty if
    /// it runs no Python.
    /// </summary>
    /// <param name="tid">The thread.</param>
    /// <param name="now">The time: states are not looked for all the time where one is missing.</param>
    /// <param name="holdsGil">True if it has the interpreter's lock.</param>
    /// <param name="isTooEarly">True if that it runs no Python may be because states have not been looked for.</param>
    /// <returns>Null if they cannot be read.</returns>
    public CaptureFrame[]? Read(int tid, ulong now, out bool holdsGil, out bool isTooEarly)
    {
        const ulong RefreshInterval = 20_000_000;
        holdsGil = false;
        isTooEarly = false;
        if (!_isPlausible)
        {
            return null;
        }

        _memory.Forget();
        if (!_threads.TryFind(tid, out ulong state))
        {
            if (now - _refreshed < RefreshInterval)
            {
                isTooEarly = true;
                return [];
            }

            _refreshed = now;
            _threads.Refresh();
            if (!_threads.TryFind(tid, out state))
            {
                return [];
            }
        }

        holdsGil = IsHolder(state);
        _frames.Clear();
        return TryWalk(state) ? [.. _frames] : null;
    }

    /// <summary>True if a futex is one that threads wait for the interpreter's lock with.</summary>
    public bool IsGil(ulong futex) => _layout.Gil != 0 && futex - _layout.Gil < CaptureLayout.GilBytes;

    /// <summary>Whoever asks to be sampled may say anything: offsets must lie in what is read.</summary>
    private static bool IsPlausible(in CaptureLayout layout)
    {
        const int MostCodeBytes = 512;
        int frameEnd = layout.FrameBytes - sizeof(ulong);
        int codeEnd = layout.CodeBytes - sizeof(ulong);
        return layout.FrameBytes <= MostFrameBytes && layout.CodeBytes <= MostCodeBytes
            && IsWithin(layout.Previous, frameEnd) && IsWithin(layout.Code, frameEnd)
            && IsWithin(layout.Position, layout.PositionUnit != 0 ? layout.FrameBytes - sizeof(int) : frameEnd)
            && IsWithin(layout.Kind, layout.FrameBytes - 1) && IsWithin(layout.Owner, layout.FrameBytes - 1)
            && IsWithin(layout.CodeName, codeEnd) && IsWithin(layout.CodeFile, codeEnd) && IsWithin(layout.CodeLines, codeEnd)
            && IsWithin(layout.CodeFirstLine, codeEnd) && (layout.HasCodeObject == 0 || IsWithin(layout.CodeInstructions, codeEnd))
            && layout is { ThreadNumber: >= 0, ThreadId: >= 0, First: >= 0, AsciiData: >= 0, OtherData: >= 0, KindShift: >= 0 and < 32 };
    }

    private static bool IsWithin(int offset, int last) => offset >= 0 && offset <= last;

    private bool IsHolder(ulong state)
    {
        Span<byte> gil = stackalloc byte[CaptureLayout.GilIsLocked + sizeof(int)];
        return _layout.Gil != 0 && _memory.TryRead(_layout.Gil, gil)
            && BinaryPrimitives.ReadUInt64LittleEndian(gil[CaptureLayout.GilHolder..]) == state
            && BinaryPrimitives.ReadInt32LittleEndian(gil[CaptureLayout.GilIsLocked..]) != 0;
    }

    private bool TryWalk(ulong state)
    {
        if (!_memory.TryReadWord(state + (ulong)_layout.First, out ulong frame)
            || (_layout.Indirection >= 0 && frame != 0 && !_memory.TryReadWord(frame + (ulong)_layout.Indirection, out frame)))
        {
            return false;
        }

        int runStart = 0;
        for (int steps = 0; frame != 0; steps++)
        {
            if (steps == 2 * MostFrames || _frames.Count >= MostFrames || !TryStep(ref frame, ref runStart))
            {
                return false;
            }
        }

        if (_frames.Count > runStart)
        {
            EndRun(ref runStart);
        }

        return true;
    }

    /// <summary>Notes a frame, as the agent's FrameWalk does; goes to the next one.</summary>
    private bool TryStep(ref ulong frame, ref int runStart)
    {
        if ((frame & 7) != 0)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[_layout.FrameBytes];
        if (!_memory.TryRead(frame, bytes))
        {
            return false;
        }

        ulong previous = BinaryPrimitives.ReadUInt64LittleEndian(bytes[_layout.Previous..]);
        frame = previous;
        bool isObject = _layout.Kind == 0;
        if (!isObject && _layout.FirstOwnerInC != 0 && bytes[_layout.Kind] >= _layout.FirstOwnerInC)
        {
            EndRun(ref runStart);
            return true;
        }

        ulong code = BinaryPrimitives.ReadUInt64LittleEndian(bytes[_layout.Code..]) & ~(ulong)_layout.CodeTag;
        if (!Code.TryGetNumber(code, out uint number))
        {
            return false;
        }

        long position = _layout.PositionUnit != 0
            ? (long)BinaryPrimitives.ReadInt32LittleEndian(bytes[_layout.Position..]) * _layout.PositionUnit
            : (long)(BinaryPrimitives.ReadUInt64LittleEndian(bytes[_layout.Position..]) - (code + (ulong)_layout.CodeInstructions));
        _frames.Add(new CaptureFrame
        {
            Code = number,
            Position = position is < 0 or > CaptureFrame.NoPosition ? CaptureFrame.NoPosition : (uint)position,
        });
        bool waits = previous == 0 && _layout.Owner != 0 && bytes[_layout.Owner] == OwnerGenerator;
        if (isObject || (_layout.FirstOwnerInC == 0 && bytes[_layout.Kind] != 0 && !waits))
        {
            EndRun(ref runStart);
        }

        return true;
    }

    private void EndRun(ref int runStart)
    {
        if (_frames.Count == runStart)
        {
            _frames.Add(default);
        }

        var last = _frames[^1];
        last.Position |= CaptureFrame.LastOfRun;
        _frames[^1] = last;
        runStart = _frames.Count;
    }
}
