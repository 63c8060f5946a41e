using Viperf.Abi;
using Viperf.Agent.CPython;
using Viperf.Agent.Linux;

namespace Viperf.Agent.Capture;

/// <summary>Follows the frames of the thread that was interrupted, which may be in the middle of making one.</summary>
internal unsafe ref struct FrameWalk
{
    private readonly FrameLayout _layout;
    private readonly CodeWriter _codes;
    private readonly KnownCode _known;
    private readonly CaptureRing _ring;
    private readonly CaptureFrame* _frames;
    private readonly int _most;
    private ReadableMemory _memory;
    private int _count;
    private int _runStart;

    /// <summary>Prepares a walk.</summary>
    /// <param name="layout">Where frames keep what is read.</param>
    /// <param name="codes">Writes down code that is new.</param>
    /// <param name="known">Code that is not.</param>
    /// <param name="ring">Takes new code, and counts what goes wrong.</param>
    /// <param name="frames">Takes the frames.</param>
    /// <param name="most">Room for so many.</param>
    public FrameWalk(
        in FrameLayout layout, in CodeWriter codes, in KnownCode known, in CaptureRing ring, CaptureFrame* frames, int most)
    {
        _layout = layout;
        _codes = codes;
        _known = known;
        _ring = ring;
        _frames = frames;
        _most = most;
        _memory = default;
        _count = 0;
        _runStart = 0;
        IsCut = false;
    }

    /// <summary>True if not all frames are there; the reason was counted.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Walks from a thread state.</summary>
    /// <returns>The number of frames.</returns>
    public int Run(byte* state)
    {
        byte* frame = *(byte**)(state + _layout.First);
        if (frame != null && _layout.Indirection >= 0)
        {
            frame = _memory.Contains(frame + _layout.Indirection, sizeof(void*)) ? *(byte**)(frame + _layout.Indirection) : Bad();
        }

        int steps = 0;
        while (frame != null && !IsCut)
        {
            if (steps++ == 2 * _most || _count == _most)
            {
                Cut(CaptureLoss.TooDeep);
                break;
            }

            frame = Step(frame);
        }

        if (_count > _runStart)
        {
            EndRun();
        }

        return _count;
    }

    /// <summary>Notes a frame; the next one.</summary>
    private byte* Step(byte* frame)
    {
        if (((nuint)frame & 7) != 0 || !_memory.Contains(frame, _layout.Bytes)
            || (_layout.IsObject && ((void**)frame)[1] != PythonApi.FrameType))
        {
            return Bad();
        }

        byte* previous = *(byte**)(frame + _layout.Previous);
        byte kind = *(frame + _layout.Kind);
        if (_layout.FirstOwnerInC != 0 && kind >= _layout.FirstOwnerInC)
        {
            EndRun();
            return previous;
        }

        if (!TryAdd(frame))
        {
            return Bad();
        }

        if (_layout.IsObject || (_layout.FirstOwnerInC == 0 && kind != 0))
        {
            EndRun();
        }

        return previous;
    }

    private bool TryAdd(byte* frame)
    {
        byte* code = (byte*)(*(nuint*)(frame + _layout.Code) & ~(nuint)_layout.CodeTag);
        if (!_codes.IsCode(code, ref _memory))
        {
            return false;
        }

        uint number = NumberOf(code);
        nint position = _layout.PositionUnit != 0
            ? *(int*)(frame + _layout.Position) * _layout.PositionUnit
            : *(nint*)(frame + _layout.Position) - (nint)(code + _codes.Instructions);
        _frames[_count].Code = number;
        _frames[_count].Position = position is < 0 or > (nint)CaptureFrame.NoPosition ? CaptureFrame.NoPosition : (uint)position;
        _count++;
        return true;
    }

    private uint NumberOf(byte* code)
    {
        var place = _known.Find(code);
        if (place == null)
        {
            _ring.Count(CaptureLoss.TooMuchCode);
            return 0;
        }

        uint number = _known.NumberOf(place);
        if (place->IsWritten == 0 && _codes.TryWrite(code, number, _ring, ref _memory))
        {
            place->IsWritten = 1;
        }

        return number;
    }

    /// <summary>Ends a run of frames that one call of the evaluator runs; a run may be empty.</summary>
    private void EndRun()
    {
        if (_count == _runStart)
        {
            if (_count == _most)
            {
                Cut(CaptureLoss.TooDeep);
                return;
            }

            _frames[_count].Code = 0;
            _frames[_count].Position = 0;
            _count++;
        }

        _frames[_count - 1].Position |= CaptureFrame.LastOfRun;
        _runStart = _count;
    }

    private byte* Bad()
    {
        Cut(CaptureLoss.BadFrame);
        return null;
    }

    private void Cut(CaptureLoss reason)
    {
        _ring.Count(reason);
        IsCut = true;
    }
}
