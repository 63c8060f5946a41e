using Viperf.Agent.CPython;

namespace Viperf.Agent.Capture;

/// <summary>Follows asyncio's tasks: from the one that runs to those that await it, and down their coroutines, which stand still.</summary>
internal unsafe struct TaskWalk
{
    private const byte OwnerGenerator = 1; // FRAME_OWNED_BY_GENERATOR

    /// <summary>From what awaits on another's behalf to that: the first field of each.</summary>
    private const int Wrapped = 16;
    private const int WordBytes = 8;

    /// <summary>What stands between two coroutines: <c>__await__</c>, and steps of asynchronous generators.</summary>
    private const int MostWrappers = 3;

    private readonly TaskFinder _finder;
    private readonly FrameLayout _frames;
    private readonly bool _holdsLock;
    private ObjectReader _reader;
    private Awaiters _awaiters;

    /// <param name="finder">Knows where things are.</param>
    /// <param name="frames">Where frames keep what is read.</param>
    /// <param name="holdsLock">True if the thread holds the interpreter's lock.</param>
    public TaskWalk(in TaskFinder finder, in FrameLayout frames, bool holdsLock)
    {
        _finder = finder;
        _frames = frames;
        _holdsLock = holdsLock;
        _reader = new ObjectReader(finder.TextData);
        _awaiters = new Awaiters(finder.Layout);
    }

    /// <summary>Frames of an ordinary walk that take as long as all this did.</summary>
    public readonly int Cost => _reader.Cost;

    /// <summary>The task whose outermost frame runs; null if it is no task's.</summary>
    public byte* TaskOf(byte* frame)
    {
        var layout = _finder.Layout;
        byte* coroutine;
        _reader.IsSteady = true; // the frame is the thread's own
        if (layout.FramesAreObjects)
        {
            coroutine = _reader.Pointer(frame + layout.Generator);
        }
        else
        {
            int owner = _frames.Owner != 0 ? _frames.Owner : _frames.Kind;
            coroutine = _reader.Byte(frame + owner) == OwnerGenerator ? frame - layout.Frame : null;
        }

        if (!IsCoroutine(_reader.TypeOf(coroutine)))
        {
            return null;
        }

        // The running tasks are those of all event loops, and others may change meanwhile. This one does not, nor what awaits
        // it: they are this thread's.
        _reader.IsSteady = _holdsLock;
        byte* task = CurrentTasks.Find(coroutine, _finder.Modules, layout, ref _reader);
        _reader.IsSteady = true;
        return task;
    }

    /// <summary>The first task that awaits one; null if none does.</summary>
    public byte* AwaiterOf(byte* task) => _awaiters.Find(task, ref _reader);

    /// <summary>A task's coroutine.</summary>
    public byte* CoroutineOf(byte* task) => _reader.Pointer(task + _finder.Layout.Coroutine);

    /// <summary>The frame of a coroutine or generator; null if it is none, or has none any more.</summary>
    public byte* FrameOf(byte* coroutine)
    {
        byte* type = _reader.TypeOf(coroutine);
        return !IsCoroutine(type) && type != PythonApi.AsyncGeneratorType ? null
            : _finder.Layout.FramesAreObjects ? _reader.Pointer(coroutine + _finder.Layout.Frame)
            : coroutine + _finder.Layout.Frame;
    }

    /// <summary>What a frame that stands still awaits, where that is a coroutine or generator itself.</summary>
    public byte* AwaitedBy(byte* frame)
    {
        byte* value = TopOfStack(frame);
        for (int i = 0; i < MostWrappers && value != null; i++)
        {
            byte* type = _reader.TypeOf(value);
            if (IsCoroutine(type) || type == PythonApi.AsyncGeneratorType)
            {
                return value;
            }

            bool isWrapper = _reader.IsNamed(type, "coroutine_wrapper"u8) || _reader.IsNamed(type, "async_generator_asend"u8)
                || _reader.IsNamed(type, "async_generator_athrow"u8) || _reader.IsNamed(type, "anext_awaitable"u8);
            value = isWrapper ? _reader.Pointer(value + Wrapped) : null;
        }

        return null;
    }

    private static bool IsCoroutine(byte* type) =>
        type != null && (type == PythonApi.CoroutineType || type == PythonApi.GeneratorType);

    private byte* TopOfStack(byte* frame)
    {
        var layout = _finder.Layout;
        if (layout.Stack == 0)
        {
            byte* end = _reader.Pointer(frame + layout.StackEnd);
            return end == null ? null : _reader.Pointer(end - WordBytes);
        }

        int count = _reader.Number(frame + layout.StackEnd);
        byte* stack = layout.FramesAreObjects ? _reader.Pointer(frame + layout.Stack) : frame + layout.Stack;
        return count <= 0 || stack == null ? null : _reader.Pointer(stack + ((count - 1) * WordBytes));
    }
}
