using Viperf.Abi;
using Viperf.Agent.CPython;
using Viperf.Agent.Linux;

namespace Viperf.Agent.Capture;

/// <summary>Follows the frames of the thread that was interrupted, which may be in the middle of making one.</summary>
internal unsafe struct FrameWalk
{
    /// <summary>How far up the stack the note of the call before is looked for: list.sort alone takes 4 KB in between.</summary>
    private const int SearchedBytes = 32 * 1024;

    /// <summary>Places that look like it, at most.</summary>
    private const int MostNotes = 16;

    private const byte OwnerGenerator = 1; // FRAME_OWNED_BY_GENERATOR

    /// <summary>No two notes are further apart.</summary>
    private const long MostStackBytes = 1 << 20;

    /// <summary>Tasks that wait for each other: more are not followed, so that a ring of them ends.</summary>
    private const int MostTasks = 100;

    /// <summary>Bytes of a thread state that its first note lies in.</summary>
    private const long MostStateBytes = 512;

    private readonly FrameLayout* _layout;
    private readonly CodeWriter* _codes;
    private readonly KnownCode _known;
    private readonly CaptureRing _ring;
    private readonly CaptureFrame* _frames;
    private readonly int _most;
    private ReadableMemory _memory;
    private int _count;
    private int _runStart;
    private byte* _state;
    private CaptureLoss _cut;
    private bool _endsOpen;
    private readonly TaskWalk* _tasks;
    private byte* _last;

    /// <summary>Prepares a walk.</summary>
    /// <param name="layout">Where frames keep what is read.</param>
    /// <param name="codes">Writes down code that is new.</param>
    /// <param name="known">Code that is not.</param>
    /// <param name="ring">Takes new code, and counts what goes wrong.</param>
    /// <param name="frames">Takes the frames.</param>
    /// <param name="most">Room for so many.</param>
    /// <param name="tasks">Follows tasks; null where that is not asked for.</param>
    public FrameWalk(
        FrameLayout* layout, CodeWriter* codes, in KnownCode known, in CaptureRing ring, CaptureFrame* frames, int most,
        TaskWalk* tasks)
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
        _state = null;
        _cut = CaptureLoss.Count;
        _endsOpen = false;
        _tasks = tasks;
        _last = null;
    }

    /// <summary>How long it took: what an ordinary walk of so many frames takes.</summary>
    public readonly int Cost => _count + (_tasks == null ? 0 : _tasks->Cost);

    /// <summary>True if not all frames are there; the reason was counted.</summary>
    public bool IsCut => _cut != CaptureLoss.Count;

    /// <summary>Walks from a thread state.</summary>
    /// <returns>The number of frames.</returns>
    public int Run(byte* state)
    {
        _state = state;
        byte* first = *(byte**)(state + _layout->First);
        if (_layout->Indirection < 0 || first == null)
        {
            Follow(first);
        }
        else if (!TryFollowNote(first))
        {
            FollowNoteBefore(first);
        }

        if (IsCut)
        {
            _ring.Count(_cut);
        }

        return _count;
    }

    /// <summary>
    /// A call of the evaluator has just begun, and has a note in which there is nothing yet but what lay there before: follows the
    /// note of the call before. What looks like it may be what calls before left there as well, and leads nowhere.
    /// </summary>
    private void FollowNoteBefore(byte* note)
    {
        for (int i = 0; i < MostNotes; i++)
        {
            note = NextNote(note);
            _count = 0;
            _runStart = 0;
            _cut = CaptureLoss.Count;
            if (note == null)
            {
                break;
            }

            if (TryFollowNote(note))
            {
                return;
            }
        }

        _count = 0;
        _cut = CaptureLoss.BadFrame;
    }

    /// <summary>Follows the frames that a call of the evaluator notes on its stack (<c>_PyCFrame</c>).</summary>
    /// <returns>False if they do not lead to the outermost.</returns>
    private bool TryFollowNote(byte* note)
    {
        if (!_memory.Contains(note, NoteBytes))
        {
            return false;
        }

        Follow(NotedFrame(note));
        return _cut == CaptureLoss.TooDeep || (_cut != CaptureLoss.BadFrame && !_endsOpen);
    }

    private void Follow(byte* frame)
    {
        int steps = 0;
        while (frame != null && !IsCut)
        {
            if (steps++ == 2 * _most || _count == _most)
            {
                _cut = CaptureLoss.TooDeep;
                break;
            }

            frame = Step(frame);
        }

        _endsOpen = _count > _runStart; // the outermost frame is one that C called
        if (_endsOpen)
        {
            EndRun();
        }
    }

    /// <summary>
    /// Looks for the note of the call before: it lies further up the stack, and leads to a frame and to a note that leads to
    /// one as well, or to the thread's first.
    /// </summary>
    private byte* NextNote(byte* note)
    {
        for (int i = NoteBytes; i < SearchedBytes; i += sizeof(void*))
        {
            byte* candidate = note + i;
            if (!_memory.Contains(candidate, NoteBytes))
            {
                return null;
            }

            byte* next = PreviousNote(candidate);
            if ((IsAbove(candidate, next) || IsFirst(next)) && IsFrame(NotedFrame(candidate))
                && _memory.Contains(next, NoteBytes) && (IsFirst(next) || IsFrame(NotedFrame(next))))
            {
                return candidate;
            }
        }

        return null;
    }

    private byte* NotedFrame(byte* note) => *(byte**)(note + _layout->Indirection);

    private byte* PreviousNote(byte* note) => *(byte**)(note + _layout->Indirection + sizeof(void*));

    private int NoteBytes => _layout->Indirection + (2 * sizeof(void*));

    private static bool IsAbove(byte* note, byte* other) => other > note && other - note < MostStackBytes && ((nuint)other & 7) == 0;

    /// <summary>The first note of a thread lies in its state.</summary>
    private bool IsFirst(byte* note) => note > _state && note - _state < MostStateBytes;

    private bool IsFrame(byte* frame) => IsReadable(frame) && (IsMark(frame) || IsCode(CodeOf(frame)));

    private bool IsReadable(byte* frame) =>
        ((nuint)frame & 7) == 0 && _memory.Contains(frame, _layout->Bytes)
        && (!_layout->IsObject || ((void**)frame)[1] == PythonApi.FrameType) && !IsDead(frame);

    /// <summary>
    /// True if a frame lies where the thread has none: a call of the evaluator that has just begun has its note where one before had
    /// its own, with the frame of then, and all that looks right but the place. A frame that is just left lies there too for a moment,
    /// the first; but not one that C called, whose call's note goes first.
    /// </summary>
    private bool IsDead(byte* frame)
    {
        if (_layout->StackTop == 0)
        {
            return false;
        }

        byte* top = *(byte**)(_state + _layout->StackTop);
        byte* limit = *(byte**)(_state + _layout->StackTop + sizeof(void*));
        bool isCalledByC = _layout->FirstOwnerInC == 0 && *(frame + _layout->Kind) != 0;
        return frame < limit && (frame > top || (frame == top && isCalledByC));
    }

    /// <summary>Code that is known needs no look at: the interpreter says when it dies.</summary>
    private bool IsCode(byte* code) => _known.Find(code) != null || _codes->IsCode(code, ref _memory);

    private bool IsMark(byte* frame) => _layout->FirstOwnerInC != 0 && *(frame + _layout->Kind) >= _layout->FirstOwnerInC;

    private byte* CodeOf(byte* frame) => (byte*)(*(nuint*)(frame + _layout->Code) & ~(nuint)_layout->CodeTag);

    /// <summary>Notes a frame; the next one.</summary>
    private byte* Step(byte* frame)
    {
        if (!IsReadable(frame))
        {
            return Bad();
        }

        byte* previous = *(byte**)(frame + _layout->Previous);
        if (IsMark(frame))
        {
            EndRun();
            return previous;
        }

        if (!TryNote(frame))
        {
            return Bad();
        }

        _last = frame;
        bool waits = previous == null && _layout->Owner != 0 && *(frame + _layout->Owner) == OwnerGenerator;
        if (_layout->IsObject || (_layout->FirstOwnerInC == 0 && *(frame + _layout->Kind) != 0 && !waits))
        {
            EndRun();
        }

        return previous;
    }

    /// <summary>Notes a frame; false if it has no code.</summary>
    private bool TryNote(byte* frame)
    {
        byte* code = CodeOf(frame);
        if (!TryGetNumber(code, out uint number))
        {
            return false;
        }

        nint position = _layout->PositionUnit != 0
            ? *(int*)(frame + _layout->Position) * _layout->PositionUnit
            : *(nint*)(frame + _layout->Position) - (nint)(code + _codes->Instructions);
        _frames[_count].Code = number;
        _frames[_count].Position = position is < 0 or > (nint)CaptureFrame.NoPosition ? CaptureFrame.NoPosition : (uint)position;
        _count++;
        return true;
    }

    /// <summary>Finds the number of code, and writes down what is new; false if it is no code.</summary>
    private bool TryGetNumber(byte* code, out uint number)
    {
        number = 0;
        var place = _known.Find(code);
        if (place == null)
        {
            if (!_codes->IsCode(code, ref _memory))
            {
                return false;
            }

            place = _known.FindOrAdd(code);
        }

        if (place == null)
        {
            _ring.Count(CaptureLoss.TooMuchCode);
            return true;
        }

        number = _known.NumberOf(place);
        if (place->IsWritten == 0 && _codes->TryWrite(code, number, _ring, ref _memory))
        {
            place->IsWritten = 1;
        }

        return true;
    }

    /// <summary>Ends a run of frames that one call of the evaluator runs; a run may be empty.</summary>
    private void EndRun()
    {
        if (_count == _runStart)
        {
            if (_count == _most)
            {
                _cut = CaptureLoss.TooDeep;
                return;
            }

            _frames[_count].Code = 0;
            _frames[_count].Position = 0;
            _count++;
        }
        else if (_tasks != null)
        {
            AddAwaiting();
        }

        _frames[_count - 1].Position |= CaptureFrame.LastOfRun;
        _runStart = _count;
    }

    /// <summary>
    /// Where the run is one of a task, puts the frames of the tasks that await it around it, as if they had called it.
    /// </summary>
    private void AddAwaiting()
    {
        byte* task = _tasks->TaskOf(_last);
        for (int i = 0; task != null && (task = _tasks->AwaiterOf(task)) != null; i++)
        {
            int first = _count;
            byte* frame = _tasks->FrameOf(_tasks->CoroutineOf(task));
            while (frame != null && _count < _most && IsReadable(frame) && TryNote(frame))
            {
                frame = _tasks->FrameOf(_tasks->AwaitedBy(frame));
            }

            Reverse(_frames + first, _frames + _count - 1);
            if (frame != null || i == MostTasks)
            {
                _ring.Count(i == MostTasks || _count == _most ? CaptureLoss.TooDeep : CaptureLoss.BadFrame);
                return;
            }
        }
    }

    private static void Reverse(CaptureFrame* first, CaptureFrame* last)
    {
        for (; first < last; first++, last--)
        {
            CaptureFrame frame = *first;
            *first = *last;
            *last = frame;
        }
    }

    private byte* Bad()
    {
        _cut = CaptureLoss.BadFrame;
        return null;
    }
}
