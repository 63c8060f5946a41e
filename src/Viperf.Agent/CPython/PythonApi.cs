using Viperf.Agent.Linux;

namespace Viperf.Agent.CPython;

/// <summary>
/// CPython's functions and variables in the process that the agent was loaded into. They are called with the
/// interpreter's lock held; names are those of CPython's C API.
/// </summary>
internal static unsafe class PythonApi
{
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<int> IsInitialized;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*> GetVersion;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*> GetInterpreter;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, long> GetInterpreterId;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*> FirstInterpreter;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void*> NextInterpreter;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void*> GetEvaluator;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void*, void> SetEvaluator;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nint> RequestCodeExtraIndex;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nint, void*, int> SetCodeExtra;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<nuint, void*> Allocate;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*, byte*, int, void*> NewEmptyCode;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, byte*, void*> GetAttribute;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nint*, byte*> AsUtf8;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, byte*, byte*, void*> AsEncoded;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, byte**, nint*, int> AsBytes;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, long> AsLong;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, int> IsTrue;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void> Release;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void**, void**, void**, void> FetchError;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void*, void*, void> RestoreError;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, byte*, void> SetError;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*, void*> GetSysObject;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void*, void*> CallObject;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*, nint, void*> NewText;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, void*> NewTuple;
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nint, void*, int> SetTupleItem;

    /// <summary>The thread state that the running thread had first; null if it has none.</summary>
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*> GetThreadState;

    /// <summary>The thread state that runs: of the thread from 3.12 on, before that of whoever has the interpreter's lock.</summary>
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*> GetRunningState;

    /// <summary>The dictionary of the running interpreter's modules.</summary>
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*> GetModules;

    /// <summary>Types that asyncio's tasks are made of and hold on to; null before <see cref="TryResolveTaskTypes"/>.</summary>
    public static void* CoroutineType, GeneratorType, AsyncGeneratorType, FunctionType, MethodType, BuiltInType, CellType, TupleType,
        ListType, DictionaryType;

    /// <summary><c>PyFrame_Type</c>; <c>PyCode_Type</c>.</summary>
    public static void* FrameType, CodeType;

    /// <summary>Where CPython keeps its state; its audit hooks hang from it.</summary>
    public static byte* Runtime;

    private static void* s_evaluator;
    private static bool s_isMissing;

    /// <summary>The evaluator that CPython has when nobody replaced it.</summary>
    public static void* DefaultEvaluator => s_evaluator;

    /// <summary>Looks everything up; the first call decides.</summary>
    /// <returns>False where this is no CPython from 3.8 on.</returns>
    public static bool TryResolve()
    {
        if (s_evaluator != null || s_isMissing)
        {
            return !s_isMissing;
        }

        if (!Libc.SearchLibrariesFor("_PyEval_EvalFrameDefault"u8))
        {
            s_isMissing = true;
            return false;
        }

        CodeType = Required("PyCode_Type"u8);
        FrameType = Required("PyFrame_Type"u8);
        Runtime = (byte*)Libc.Find("_PyRuntime"u8);
        GetThreadState = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*>)Required("PyGILState_GetThisThreadState"u8);
        GetRunningState = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*>)
            Either("PyThreadState_GetUnchecked"u8, "_PyThreadState_UncheckedGet"u8);
        IsInitialized = (delegate* unmanaged[Cdecl, SuppressGCTransition]<int>)Required("Py_IsInitialized"u8);
        GetVersion = (delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*>)Required("Py_GetVersion"u8);
        GetInterpreter = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*>)
            Either("PyInterpreterState_Get"u8, "_PyInterpreterState_Get"u8);
        GetInterpreterId = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, long>)Required("PyInterpreterState_GetID"u8);
        FirstInterpreter = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*>)Required("PyInterpreterState_Head"u8);
        NextInterpreter = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void*>)Required("PyInterpreterState_Next"u8);
        GetEvaluator = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void*>)
            Libc.Find("_PyInterpreterState_GetEvalFrameFunc"u8);
        SetEvaluator = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void*, void>)
            Libc.Find("_PyInterpreterState_SetEvalFrameFunc"u8);
        RequestCodeExtraIndex = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nint>)
            Either("PyUnstable_Eval_RequestCodeExtraIndex"u8, "_PyEval_RequestCodeExtraIndex"u8);
        SetCodeExtra = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nint, void*, int>)
            Either("PyUnstable_Code_SetExtra"u8, "_PyCode_SetExtra"u8);
        Allocate = (delegate* unmanaged[Cdecl, SuppressGCTransition]<nuint, void*>)Required("PyMem_Malloc"u8);
        NewEmptyCode = (delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*, byte*, int, void*>)Required("PyCode_NewEmpty"u8);
        GetAttribute = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, byte*, void*>)Required("PyObject_GetAttrString"u8);
        AsUtf8 = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nint*, byte*>)Required("PyUnicode_AsUTF8AndSize"u8);
        AsEncoded = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, byte*, byte*, void*>)
            Required("PyUnicode_AsEncodedString"u8);
        AsBytes = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, byte**, nint*, int>)
            Required("PyBytes_AsStringAndSize"u8);
        AsLong = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, long>)Required("PyLong_AsLong"u8);
        IsTrue = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, int>)Required("PyObject_IsTrue"u8);
        Release = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void>)Required("Py_DecRef"u8);
        FetchError = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void**, void**, void**, void>)Required("PyErr_Fetch"u8);
        RestoreError = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void*, void*, void>)Required("PyErr_Restore"u8);
        SetError = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, byte*, void>)Required("PyErr_SetString"u8);
        GetSysObject = (delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*, void*>)Required("PySys_GetObject"u8);
        CallObject = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void*, void*>)Required("PyObject_CallObject"u8);
        NewText = (delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*, nint, void*>)Required("PyUnicode_FromStringAndSize"u8);
        NewTuple = (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, void*>)Required("PyTuple_New"u8);
        SetTupleItem = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nint, void*, int>)Required("PyTuple_SetItem"u8);
        s_evaluator = Libc.Find("_PyEval_EvalFrameDefault"u8); // last: other threads take it for the sign that all is there
        return !s_isMissing;
    }

    /// <summary>Looks up what is needed to follow tasks.</summary>
    /// <returns>False where something is missing.</returns>
    public static bool TryResolveTaskTypes()
    {
        CoroutineType = Libc.Find("PyCoro_Type"u8);
        GeneratorType = Libc.Find("PyGen_Type"u8);
        AsyncGeneratorType = Libc.Find("PyAsyncGen_Type"u8);
        FunctionType = Libc.Find("PyFunction_Type"u8);
        MethodType = Libc.Find("PyMethod_Type"u8);
        BuiltInType = Libc.Find("PyCFunction_Type"u8);
        CellType = Libc.Find("PyCell_Type"u8);
        TupleType = Libc.Find("PyTuple_Type"u8);
        ListType = Libc.Find("PyList_Type"u8);
        DictionaryType = Libc.Find("PyDict_Type"u8);
        GetModules = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*>)Libc.Find("PyImport_GetModuleDict"u8);
        return CoroutineType != null && GeneratorType != null && AsyncGeneratorType != null && FunctionType != null
            && MethodType != null && BuiltInType != null && CellType != null && TupleType != null && ListType != null
            && DictionaryType != null && GetModules != null;
    }

    /// <summary>The minor version of a CPython 3; -1 of anything else.</summary>
    public static int MinorVersion()
    {
        byte* version = GetVersion();
        if (version[0] != '3' || version[1] != '.')
        {
            return -1;
        }

        int minor = 0;
        for (byte* digit = version + 2; *digit is >= (byte)'0' and <= (byte)'9' && minor < 1000; digit++)
        {
            minor = (minor * 10) + (*digit - '0');
        }

        return minor;
    }

    /// <summary>True if the interpreter was built without a global lock, which it says behind its version.</summary>
    public static bool IsFreeThreaded() => Contains(GetVersion(), "free-threading"u8);

    /// <summary>True if something is a code object.</summary>
    public static bool IsCode(void* something) => something != null && ((void**)something)[1] == CodeType; // ob_type

    /// <summary>Throws away the error that a call of these functions left.</summary>
    public static void ForgetError()
    {
        void* type = null, value = null, traceback = null;
        FetchError(&type, &value, &traceback);
        ReleaseIfAny(type);
        ReleaseIfAny(value);
        ReleaseIfAny(traceback);
    }

    /// <summary>Sets the error of the running thread.</summary>
    /// <param name="type">The exception's variable: <c>PyExc_ValueError</c>.</param>
    /// <param name="message">UTF-8 with a zero byte behind it.</param>
    public static void Raise(ReadOnlySpan<byte> type, byte* message)
    {
        var variable = (void**)Libc.Find(type);
        SetError(variable == null ? null : *variable, message);
    }

    private static void ReleaseIfAny(void* reference)
    {
        if (reference != null)
        {
            Release(reference);
        }
    }

    private static bool Contains(byte* text, ReadOnlySpan<byte> part)
    {
        for (; *text != 0; text++)
        {
            int same = 0;
            while (same < part.Length && text[same] == part.Pointer[same])
            {
                same++;
            }

            if (same == part.Length)
            {
                return true;
            }
        }

        return false;
    }

    private static void* Either(ReadOnlySpan<byte> name, ReadOnlySpan<byte> olderName)
    {
        void* found = Libc.Find(name);
        return found != null ? found : Required(olderName);
    }

    private static void* Required(ReadOnlySpan<byte> name)
    {
        void* found = Libc.Find(name);
        s_isMissing |= found == null;
        return found;
    }
}
