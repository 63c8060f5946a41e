using Viperf.Agent.CPython;

namespace Viperf.Agent.Capture;

/// <summary>
/// Finds who waits for a future: it has noted what is to be called when it is done. That is a task's own method where the task
/// awaits it, and asyncio's where a future stands in between: <c>gather</c>, <c>wait</c>, <c>wait_for</c>, <c>shield</c> and
/// task groups.
/// </summary>
internal unsafe struct Awaiters
{
    private const int FirstCallback = 24;
    private const int OtherCallbacks = 40;
    private const int ListItems = 24;
    private const int TupleItems = 24;
    private const int CellContent = 16;
    private const int PartialFunction = 16;
    private const int PartialArguments = 24;
    private const int MethodFunction = 16;
    private const int MethodObject = 24;
    private const int BuiltInObject = 24;
    private const int WakeupTask = 16;
    private const int DictionaryWords = 3;
    private const int WordBytes = 8;

    /// <summary>Callbacks of one future, and cells of one callback.</summary>
    private const int MostCallbacks = 8;

    /// <summary>Attributes of a task group.</summary>
    private const int MostAttributes = 16;

    /// <summary>Futures between two tasks.</summary>
    private const int MostFutures = 6;

    /// <summary>Callbacks that are looked at for one task.</summary>
    private const int MostSteps = 64;

    private readonly TaskLayout _layout;
    private int _steps;

    public Awaiters(in TaskLayout layout)
    {
        _layout = layout;
        _steps = 0;
    }

    /// <summary>The first of the tasks that wait for one; null if none does.</summary>
    public byte* Find(byte* task, ref ObjectReader reader)
    {
        _steps = 0;
        return Find(task, 0, ref reader);
    }

    private byte* Find(byte* future, int depth, ref ObjectReader reader)
    {
        if (depth == MostFutures)
        {
            return null;
        }

        byte* found = FindOf(reader.Pointer(future + FirstCallback), future, depth, ref reader);
        byte* others = found == null ? reader.Pointer(future + OtherCallbacks) : null;
        if (reader.TypeOf(others) != PythonApi.ListType)
        {
            return found;
        }

        byte* items = reader.Pointer(others + ListItems);
        nint count = reader.Count(others);
        for (int i = 0; i < count && i < MostCallbacks && found == null; i++)
        {
            byte* pair = reader.Pointer(items + (i * WordBytes));
            if (reader.TypeOf(pair) == PythonApi.TupleType)
            {
                found = FindOf(reader.Pointer(pair + TupleItems), future, depth, ref reader);
            }
        }

        return found;
    }

    /// <summary>Who waits by way of a callback.</summary>
    private byte* FindOf(byte* callback, byte* future, int depth, ref ObjectReader reader)
    {
        byte* type = reader.TypeOf(callback);
        if (type == null || _steps++ == MostSteps)
        {
            return null;
        }

        if (type == PythonApi.BuiltInType)
        {
            return Waiting(reader.Pointer(callback + BuiltInObject), future, ref reader);
        }

        if (type == PythonApi.FunctionType)
        {
            return IsOfTasks(callback, ref reader) ? FindInClosure(callback, depth, ref reader) : null;
        }

        if (type == PythonApi.MethodType)
        {
            return FindOfGroup(callback, depth, ref reader);
        }

        if (_layout.HasWakeupType && reader.IsNamed(type, "TaskWakeupMethWrapper"u8))
        {
            return Waiting(reader.Pointer(callback + WakeupTask), future, ref reader);
        }

        return reader.IsNamed(type, "functools.partial"u8) ? FindOfPartial(callback, depth, ref reader) : null;
    }

    /// <summary>The task that a method is of, if it waits for that future.</summary>
    private readonly byte* Waiting(byte* task, byte* future, ref ObjectReader reader) =>
        Futures.KindOf(task, ref reader) == FutureKind.Task && reader.Pointer(task + _layout.Awaited) == future ? task : null;

    /// <summary>True for the functions inside asyncio's that end a future of theirs, which others wait for.</summary>
    private readonly bool IsOfTasks(byte* function, ref ObjectReader reader)
    {
        byte* name = reader.Pointer(function + _layout.FunctionName);
        return reader.IsText(reader.Pointer(function + _layout.FunctionModule), "asyncio.tasks"u8)
            && (reader.IsText(name, "gather.<locals>._done_callback"u8) || reader.IsText(name, "_gather.<locals>._done_callback"u8)
                || reader.IsText(name, "_wait.<locals>._on_completion"u8)
                || reader.IsText(name, "shield.<locals>._inner_done_callback"u8));
    }

    private byte* FindInClosure(byte* function, int depth, ref ObjectReader reader)
    {
        byte* closure = reader.Pointer(function + _layout.Closure);
        if (reader.TypeOf(closure) != PythonApi.TupleType)
        {
            return null;
        }

        nint count = reader.Count(closure);
        byte* found = null;
        for (int i = 0; i < count && i < MostCallbacks && found == null; i++)
        {
            byte* cell = reader.Pointer(closure + TupleItems + (i * WordBytes));
            if (reader.TypeOf(cell) == PythonApi.CellType)
            {
                found = FindOfFuture(reader.Pointer(cell + CellContent), depth, ref reader);
            }
        }

        return found;
    }

    private byte* FindOfFuture(byte* value, int depth, ref ObjectReader reader) =>
        Futures.KindOf(value, ref reader) == FutureKind.Future ? Find(value, depth + 1, ref reader) : null;

    /// <summary><c>wait_for</c>, before 3.12.</summary>
    private byte* FindOfPartial(byte* partial, int depth, ref ObjectReader reader)
    {
        byte* function = reader.Pointer(partial + PartialFunction);
        byte* arguments = reader.Pointer(partial + PartialArguments);
        return reader.TypeOf(function) == PythonApi.FunctionType && reader.TypeOf(arguments) == PythonApi.TupleType
                && reader.IsText(reader.Pointer(function + _layout.FunctionName), "_release_waiter"u8)
                && reader.IsText(reader.Pointer(function + _layout.FunctionModule), "asyncio.tasks"u8)
            ? FindOfFuture(reader.Pointer(arguments + TupleItems), depth, ref reader)
            : null;
    }

    /// <summary>A task group has a future that its own task waits for at the end of the block: it is among the attributes.</summary>
    private byte* FindOfGroup(byte* method, int depth, ref ObjectReader reader)
    {
        byte* function = reader.Pointer(method + MethodFunction);
        byte* group = reader.Pointer(method + MethodObject);
        if (reader.TypeOf(function) != PythonApi.FunctionType
            || !reader.IsText(reader.Pointer(function + _layout.FunctionName), "TaskGroup._on_task_done"u8)
            || !reader.IsText(reader.Pointer(function + _layout.FunctionModule), "asyncio.taskgroups"u8))
        {
            return null;
        }

        byte* found = null;
        byte* values = ValuesOf(group, ref reader);
        for (int i = 0; i < MostAttributes && values != null && found == null; i++)
        {
            found = FindOfFuture(reader.Pointer(values + (i * WordBytes)), depth, ref reader);
        }

        if (values == null)
        {
            DictionaryWalk walk = new(
                reader.Pointer(group - (DictionaryWords * WordBytes)), _layout.FramesAreObjects, MostAttributes, ref reader);
            while (found == null && walk.TryNext(out _, out byte* value, ref reader))
            {
                found = FindOfFuture(value, depth, ref reader);
            }
        }

        return found;
    }

    /// <summary>The values of an object's attributes; null where they are in a dictionary.</summary>
    private readonly byte* ValuesOf(byte* value, ref ObjectReader reader)
    {
        switch (_layout.Attributes)
        {
            case AttributeStore.Pointer:
                return reader.Pointer(value - ((DictionaryWords + 1) * WordBytes));
            case AttributeStore.TaggedPointer:
                ulong tagged = reader.Word(value - (DictionaryWords * WordBytes));
                return (tagged & 1) != 0 ? (byte*)(tagged + 1) : null;
            case AttributeStore.Inline:
                byte* head = value + reader.BytesOf(reader.TypeOf(value));
                const int isValid = 3;
                return reader.Byte(head + isValid) != 0 ? head + WordBytes : null;
            default:
                return null;
        }
    }
}
