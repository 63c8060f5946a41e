using System.Collections.Frozen;

namespace Viperf.Core.Python;

/// <summary>
/// The functions of CPython 3.8 to 3.15 that are not the program's business, by <see cref="InterpreterCode.BareName">bare name</see>.
/// Plumbing is what instructions of Python take by themselves: evaluation, calls, finding what a name, an operator or an attribute
/// stands for, small numbers, the making and freeing of objects. What the program asked for stays: sorting, joining, hashing,
/// large numbers, growing dicts, freeing whole containers.
/// </summary>
/// <remarks>
/// Collected from recordings of every version. Names that differ between versions stand side by side, since none means
/// something else in another version.
/// </remarks>
internal static class InterpreterFunctions
{
    /// <summary>Names that begin so; among several the longest counts.</summary>
    private static readonly (string Prefix, CodeRole Role)[] s_prefixes =
    [
        // The evaluator. 3.8 and 3.9 have loops of their own for frames with fast arguments; 3.14 and 3.15 can be built with
        // a function for each instruction.
        .. As(CodeRole.Plumbing,
            "PyEval TAIL_CALL_ _TAIL_CALL_ PyFrame_ PyFrameObject PyThreadState PyInterpreterState "
            + "PyInterpreterFrame PyStackRef PyErr_Occurred PyErr_CheckSignals PyForIter_ Py_HandlePending "
            + "Py_MakePendingCalls Py_EnterRecursive Py_LeaveRecursive Py_MakeRecCheck Py_CheckRecursive "
            + "Py_ReachedRecursionLimit Py_Specialize"),

        // Macros and small functions that compilers inline.
        .. As(CodeRole.Plumbing,
            "Py_INCREF Py_XINCREF Py_DECREF Py_XDECREF Py_NewRef Py_XNewRef Py_IS Py_Is Py_TYPE Py_SIZE Py_SET "
            + "Py_REFCNT Py_atomic PyType_HasFeature PyObject_TypeCheck PyTuple_GET"),

        // Calls.
        .. As(CodeRole.Plumbing,
            "PyObject_Call PyObject_FastCall PyObject_MakeTpCall PyObject_Vectorcall PyFunction_FastCall "
            + "PyCFunction_ PyMethodDef_ PyMethodDescr_ PyCallMethodDescriptor Py_BuiltinCall Py_CallBuiltin "
            + "Py_CheckFunctionResult PyStack_ PyArg_ cfunction_ method_check_args method_enter_call "
            + "methoddescr_call slot_ Py_slot_ wrap_ wrapper_call wrapperdescr_ call_unbound call_typing_ "
            + "partial_call partial_fastcall property_descr_"),

        // Objects, names and numbers, as every instruction may need them.
        .. As(CodeRole.Plumbing,
            "PyObject_Malloc PyObject_Calloc PyObject_Realloc PyObject_Free PyObject_New PyObject_Init PyObject_INIT PyObject_GC_ "
            + "PyMem_ pymalloc_ arena_map_ insert_to_ PyType_GenericAlloc PyType_Alloc Py_NewReference Py_object_freelists "
            + "PyDict_LoadGlobal PyDict_GetItem lookdict unicodekeys_lookup Py_dict_lookup dictkeys_get_index "
            + "PyLong_FromLong PyLong_FromMedium PyLong_FromSTwoDigits PyLong_FromSsize PyLong_FromSize PyLong_FromUnsigned "
            + "PyLong_As PyLong_New PyLong_Add PyLong_Subtract PyLong_Multiply PyLong_Compact PyLong_Is PyLong_Both "
            + "PyLong_Digit PyLong_Set PyFloat_From PyCell_ PyFunction_New PyMethod_New PySlice_New PyTuple_New PyTuple_From "
            + "PyBool_"),

        // Generators and coroutines: from the evaluator of who waits to that of who yields.
        .. As(CodeRole.Plumbing,
            "PyGen_ PyCoro_ PyAsyncGen gen_ _gen_ coro_wrapper_ async_gen_ PyIter_"),

        // Protocols.
        .. As(CodeRole.Plumbing,
            "PyNumber_ PySequence_ PyMapping_ PyObject_Get PyObject_Set PyObject_Del PyObject_Has "
            + "PyObject_LookupAttr PyObject_LookupSpecial PyObject_Generic PyObject_Rich PyObject_Is PyObject_Not "
            + "PyObject_Str PyObject_Repr PyObject_ASCII PyObject_Format PyObject_Size PyObject_Length "
            + "PyObject_TryGet PyObject_NextNotImplemented PyType_Lookup PySuper_ Py_type_getattro "
            + "Py_module_getattro Py_subscript_generic lookup_m binary_op binary_iop ternary_"),

        // The end of objects that a function or a weak reference waits for.
        .. As(CodeRole.Plumbing,
            "Py_Dealloc PyObject_ClearWeakRefs PyObject_FreeInstanceAttributes PyObject_ClearManagedDict "
            + "clear_weakref handle_callback"),

        // The start of programs and threads.
        .. As(CodeRole.Plumbing,
            "Py_BytesMain Py_RunMain Py_Main pymain_ PyRun_ pyrun_ pyinit_ init_interp_"),
        .. As(CodeRole.Import,
            "init_import"),

        // Imports.
        .. As(CodeRole.Import,
            "PyImport_ import_ _imp_ PyEval_Import PyEval_LazyImport PyModule_ExecDef PyModule_FromDef"),

        // Garbage.
        .. As(CodeRole.GarbageCollection,
            "gc_collect PyGC_Collect Py_RunGC"),
    ];

    /// <summary>Whole names.</summary>
    private static readonly FrozenDictionary<string, CodeRole> s_names = new (string Name, CodeRole Role)[][]
    {
        As(CodeRole.Plumbing,
            "function_code_fastcall call_function do_call_core clear_thread_frame push_chunk "
            + "py_trampoline_evaluator data_stack_grow object_vacall callmethod call_method call_maybe "
            + "call_attribute call_trampoline address_in_range allocate_from_new_pool allocate_from_new_arena new_arena new_reference "
            + "get_small_int maybe_small_long long_normalize get_state long_add long_sub long_richcompare float_add float_sub "
            + "float_mul float_div float_richcompare long_compare long_bitwise long_and long_or long_xor long_bool rangeiter_next listiter_next tupleiter_next __tls_get_addr method_call type_call tp_new_wrapper object_init special_lookup "
            + "find_name_in_mro type_getattro module_getattro super_getattro do_super_lookup do_richcompare cmp_outcome "
            + "recursive_isinstance object_isinstance object_issubclass func_descr_get cm_descr_get sm_descr_get "
            + "iter_iternext calliter_iternext context_run builtin_exec builtin_eval builtin___build_class__ builtin_next builtin_iter builtin_getattr "
            + "builtin_setattr builtin_hasattr builtin_delattr builtin_isinstance builtin_issubclass builtin_len "
            + "builtin_hash builtin_callable builtin_repr builtin_format pythread_wrapper t_bootstrap thread_run "
            + "run_mod run_eval_code_obj main _start"),
        // Containers that are freed may take their time; these do not.
        As(CodeRole.Work,
            "list_dealloc dict_dealloc set_dealloc tupledealloc tuple_dealloc deque_dealloc array_dealloc"),
        As(CodeRole.Import,
            "builtin___import__ exec_builtin_or_dynamic exec_code_in_module"),
        As(CodeRole.GarbageCollection,
            "collect collect_generations collect_with_callback delete_garbage finalize_garbage handle_weakrefs "
            + "deduce_unreachable move_unreachable subtract_refs update_refs visit_decref visit_reachable"),
        As(CodeRole.GilWait,
            "take_gil drop_gil"),
    }.SelectMany(static names => names).ToFrozenDictionary(static entry => entry.Name, static entry => entry.Role, StringComparer.Ordinal);

    /// <summary>The role of a function of the interpreter.</summary>
    public static CodeRole RoleOf(string name)
    {
        if (s_names.TryGetValue(name, out var role))
        {
            return role;
        }

        int longest = 0;
        foreach (var (prefix, itsRole) in s_prefixes)
        {
            if (prefix.Length > longest && name.StartsWith(prefix, StringComparison.Ordinal))
            {
                longest = prefix.Length;
                role = itsRole;
            }
        }

        // method_vectorcall_FASTCALL, list_vectorcall, PyVectorcall_Call; what hands a StackRef on belongs to 3.14's evaluator
        return longest > 0 ? role
            : name.Contains("vectorcall", StringComparison.OrdinalIgnoreCase)
                || name.EndsWith("StackRef", StringComparison.Ordinal) || name.EndsWith("dealloc", StringComparison.Ordinal)
                ? CodeRole.Plumbing
            : CodeRole.Work;
    }

    private static (string Name, CodeRole Role)[] As(CodeRole role, string names) =>
        [.. names.Split(' ').Select(name => (name, role))];
}
