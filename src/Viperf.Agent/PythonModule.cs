using System.Runtime.InteropServices;
using Viperf.Abi;
using Viperf.Agent.CPython;
using Viperf.Agent.Linux;
using Viperf.Agent.Trampolines;

namespace Viperf.Agent;

/// <summary>
/// The extension module <c>viperf._agent</c>, of which the package's Python code makes the API. Structures and constants are
/// those of CPython's stable ABI (moduleobject.h, methodobject.h).
/// </summary>
internal static unsafe class PythonModule
{
    private const int Py_mod_multiple_interpreters = 3;
    private const nint Py_MOD_PER_INTERPRETER_GIL_SUPPORTED = 2;

    /// <summary>Older versions refuse a module that has the slot.</summary>
    private const int FirstMinorWithMultipleInterpreters = 12;

    private const int MessageBytes = 512;

    private static ModuleDefinition s_definition;
    private static MethodTable s_methods;
    private static SlotTable s_slots;

    /// <summary>Makes the module; null with an error set, or where this is no CPython.</summary>
    public static void* Create()
    {
        var initialize = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void*>)Libc.Find("PyModuleDef_Init"u8);
        if (!PythonApi.TryResolve() || initialize == null)
        {
            return null;
        }

        // Statics do not move: they lie in the library's .bss.
        fixed (ModuleDefinition* definition = &s_definition)
        fixed (MethodTable* methods = &s_methods)
        fixed (SlotTable* slots = &s_slots)
        {
            methods->Activate = new MethodDefinition
            {
                Name = "activate"u8.Pointer,
                Function = (delegate* unmanaged<void*, void*, void*>)&Activate,
                Flags = MethodDefinition.METH_O,
            };
            methods->Deactivate = new MethodDefinition
            {
                Name = "deactivate"u8.Pointer,
                Function = (delegate* unmanaged<void*, void*, void*>)&Deactivate,
                Flags = MethodDefinition.METH_NOARGS,
            };
            methods->IsActive = new MethodDefinition
            {
                Name = "is_active"u8.Pointer,
                Function = (delegate* unmanaged<void*, void*, void*>)&IsActive,
                Flags = MethodDefinition.METH_NOARGS,
            };
            methods->ActiveBackend = new MethodDefinition
            {
                Name = "active_backend"u8.Pointer,
                Function = (delegate* unmanaged<void*, void*, void*>)&ActiveBackend,
                Flags = MethodDefinition.METH_NOARGS,
            };
            if (PythonApi.MinorVersion() >= FirstMinorWithMultipleInterpreters)
            {
                slots->First = new Slot { Id = Py_mod_multiple_interpreters, Value = Py_MOD_PER_INTERPRETER_GIL_SUPPORTED };
            }

            if (definition->Name == null)
            {
                definition->ReferenceCount = 1;
                definition->Name = "_agent"u8.Pointer;
                definition->Methods = methods;
                definition->Slots = slots;
            }

            return initialize(definition);
        }
    }

    [UnmanagedCallersOnly]
    private static void* Activate(void* module, void* argument)
    {
        byte* name = PythonApi.AsUtf8(argument, null);
        if (name == null)
        {
            return null;
        }

        byte* place = stackalloc byte[MessageBytes];
        TextBuffer message = new(place, MessageBytes - 1);
        if (!Backends.TryParse(name, out var backend))
        {
            message.Add("invalid backend: "u8);
            message.AddString(name);
            place[message.Length] = 0;
            PythonApi.Raise("PyExc_ValueError"u8, place);
            return null;
        }

        if (!Activation.TryActivate(backend, ref message))
        {
            place[message.Length] = 0;
            PythonApi.Raise("PyExc_RuntimeError"u8, place);
            return null;
        }

        return Boolean(true);
    }

    [UnmanagedCallersOnly]
    private static void* Deactivate(void* module, void* unused)
    {
        Activation.Deactivate();
        return Boolean(false);
    }

    [UnmanagedCallersOnly]
    private static void* IsActive(void* module, void* unused) => Boolean(Activation.IsActive());

    /// <summary>The name of the backend that is on; an empty text where none is.</summary>
    [UnmanagedCallersOnly]
    private static void* ActiveBackend(void* module, void* unused)
    {
        ReadOnlySpan<byte> name = !Activation.IsActive(out var backend) ? ""u8
            : backend == Backend.JitDump ? AgentEnvironment.JitDump
            : AgentEnvironment.PerfMap;
        return PythonApi.NewText(name.Pointer, name.Length);
    }

    private static void* Boolean(bool value)
    {
        var make = (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, void*>)Libc.Find("PyBool_FromLong"u8);
        return make(value ? 1 : 0);
    }

    private struct MethodTable
    {
        public MethodDefinition Activate;
        public MethodDefinition Deactivate;
        public MethodDefinition IsActive;
        public MethodDefinition ActiveBackend;
        public MethodDefinition End;
    }

    private struct Slot
    {
        public int Id;
        public nint Value;
    }

    private struct SlotTable
    {
        public Slot First;
        public Slot End;
    }

    private struct ModuleDefinition
    {
        public nint ReferenceCount;
        public void* Type;
        public void* Initializer;
        public nint Index;
        public void* Copy;
        public byte* Name;
        public byte* Documentation;
        public nint StateSize;
        public MethodTable* Methods;
        public SlotTable* Slots;
        public void* Traverse;
        public void* Clear;
        public void* Free;
    }
}
