using Viperf.Agent.CPython;

namespace Viperf.Agent.Capture;

/// <summary>What is needed to follow an interpreter's tasks; the default follows none.</summary>
internal readonly unsafe struct TaskFinder
{
    /// <summary>From a thread state to its interpreter.</summary>
    private const int Interpreter = 16;

    private readonly void* _interpreter;

    private TaskFinder(in TaskLayout layout, byte* modules, int textData)
    {
        Layout = layout;
        Modules = modules;
        TextData = textData;
        _interpreter = PythonApi.GetInterpreter();
    }

    /// <summary>Where things are.</summary>
    public TaskLayout Layout { get; }

    /// <summary>The dictionary of the interpreter's modules; null where tasks are not followed.</summary>
    public byte* Modules { get; }

    /// <summary>From a text of ASCII to its characters.</summary>
    public int TextData { get; }

    /// <summary>Prepares for the running interpreter; its lock must be held.</summary>
    /// <returns>False where its structures are not known.</returns>
    public static bool TryFind(int minor, in TextLayout texts, out TaskFinder finder)
    {
        finder = default;
        if (!TaskLayout.TryGet(minor, out var layout) || !PythonApi.TryResolveTaskTypes())
        {
            return false;
        }

        finder = new TaskFinder(layout, (byte*)PythonApi.GetModules(), texts.AsciiData);
        return finder.Modules != null;
    }

    /// <summary>True if the tasks of a thread's interpreter are followed: another has modules and tasks of its own.</summary>
    public bool IsOf(byte* state) => Modules != null && *(void**)(state + Interpreter) == _interpreter;
}
