using System.Runtime.InteropServices;
using Viperf.Agent.CPython;
using Viperf.Agent.Linux;
using Viperf.Agent.Trampolines;

namespace Viperf.Agent;

/// <summary>CPython's own trampolines, which there are from 3.12 on: <c>sys.activate_stack_trampoline</c> and its kin.</summary>
internal static unsafe class BuiltInTrampolines
{
    private static MethodDefinition s_shim;
    private static void* s_original;
    private static Backend s_backend;

    /// <summary>True if CPython's own trampolines are on, which there are from 3.12 on.</summary>
    public static bool IsActive() => CallSys("is_stack_trampoline_active"u8, null, out bool answer) && answer;

    /// <summary>Switches CPython's own trampolines on.</summary>
    /// <returns>False where there are none, or they refuse.</returns>
    public static bool TryActivate(byte* backend)
    {
        nint length = 0;
        while (backend[length] != 0)
        {
            length++;
        }

        void* text = PythonApi.NewText(backend, length);
        void* arguments = text == null ? null : PythonApi.NewTuple(1);
        if (arguments == null || PythonApi.SetTupleItem(arguments, 0, text) != 0) // takes the text over
        {
            PythonApi.ForgetError();
            return false;
        }

        bool done = CallSys(Name, arguments, out _);
        PythonApi.Release(arguments);
        return done;
    }

    /// <summary>Calls a function of sys; false where there is none, or it raised.</summary>
    private static bool CallSys(ReadOnlySpan<byte> name, void* arguments, out bool answer)
    {
        answer = false;
        void* function = PythonApi.GetSysObject(name.Pointer);
        if (function == null)
        {
            return false;
        }

        void* result = PythonApi.CallObject(function, arguments);
        if (result == null)
        {
            PythonApi.ForgetError();
            return false;
        }

        answer = PythonApi.IsTrue(result) == 1;
        PythonApi.Release(result);
        return true;
    }

    /// <summary>
    /// Makes way for a program that switches them on by itself: CPython refuses that while there is another evaluator, and a
    /// program is not to fail because it is recorded. From its first call on its choice counts, not the recorder's.
    /// </summary>
    /// <param name="backend">What the agent's trampolines are on with.</param>
    public static void GiveWay(Backend backend)
    {
        void* original = PythonApi.GetSysObject(Name.Pointer);
        var create = (delegate* unmanaged[Cdecl, SuppressGCTransition]<MethodDefinition*, void*, void*, void*>)
            Libc.Find("PyCFunction_NewEx"u8);
        var set = (delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*, void*, int>)Libc.Find("PySys_SetObject"u8);
        var retain = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void>)Libc.Find("Py_IncRef"u8);
        if (original == null || create == null || set == null || retain == null || s_original != null)
        {
            return;
        }

        void* module = PythonApi.NewText("sys"u8.Pointer, 3);
        fixed (MethodDefinition* shim = &s_shim) // statics do not move
        {
            *shim = *((Function*)original)->Definition; // its name and documentation
            shim->Function = (delegate* unmanaged<void*, void*, void*, void*>)&HandOver;
            shim->Flags = MethodDefinition.METH_VARARGS | MethodDefinition.METH_KEYWORDS;
            void* function = module == null ? null : create(shim, null, module);
            if (function == null)
            {
                PythonApi.ForgetError();
                return;
            }

            s_original = original;
            s_backend = backend;
            retain(original); // the shim's own, for ever
            if (set(Name.Pointer, function) != 0)
            {
                PythonApi.ForgetError();
            }

            PythonApi.Release(function);
        }

        PythonApi.Release(module);
    }

    private static ReadOnlySpan<byte> Name => "activate_stack_trampoline"u8;

    [UnmanagedCallersOnly]
    private static void* HandOver(void* module, void* arguments, void* keywords)
    {
        bool wasActive = Activation.IsActive();
        if (wasActive)
        {
            Activation.Deactivate();
        }

        var call = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void*, void*, void*>)Libc.Find("PyObject_Call"u8);
        void* result = call(s_original, arguments, keywords);
        if (result == null && wasActive)
        {
            void* type, value, traceback;
            PythonApi.FetchError(&type, &value, &traceback);
            byte* place = stackalloc byte[Problem.MostBytes];
            TextBuffer problem = new(place, Problem.MostBytes);
            _ = Activation.TryActivate(s_backend, ref problem); // as it was
            PythonApi.RestoreError(type, value, traceback);
        }

        return result;
    }

    /// <summary><c>PyCFunctionObject</c>, as far as it is looked at.</summary>
    private struct Function
    {
        public nint ReferenceCount;
        public void* Type;
        public MethodDefinition* Definition;
    }
}
