using Viperf.Core.Profiles;
using Viperf.Core.Python;
using Xunit;

namespace Viperf.Tests.Python;

public class InterpreterCodeTests
{
    private const string Library = "/usr/lib/libpython3.13.so.1.0";

    [Theory]
    [InlineData("_PyEval_EvalFrameDefault")]
    [InlineData("_PyEval_EvalFrameDefault.cold")]
    [InlineData("_PyEval_EvalFrame.lto_priv.0")]
    [InlineData("_PyEval_Vector.constprop.0.isra.0")]
    [InlineData("_TAIL_CALL_BINARY_OP")]
    [InlineData("function_code_fastcall")]
    [InlineData("PyObject_Vectorcall")]
    [InlineData("_PyObject_VectorcallTstate")]
    [InlineData("list_vectorcall")]
    [InlineData("method_vectorcall_FASTCALL_KEYWORDS_METHOD")]
    [InlineData("cfunction_vectorcall_O.lto_priv.12")]
    [InlineData("PyObject_Call@plt")]
    [InlineData("_Py_slot_tp_getattr_hook")]
    [InlineData("slot_tp_init")]
    [InlineData("_PyCallMethodDescriptorFastWithKeywords_StackRef")]
    [InlineData("builtin_exec_impl")]
    [InlineData("gen_send_ex2")]
    [InlineData("_Py_RunMain")]
    [InlineData("pymain_run_python.constprop.0")]
    [InlineData("main")]
    [InlineData("Py_DECREF")]
    [InlineData("_PyObject_Malloc")]
    [InlineData("long_add")]
    [InlineData("")]
    public void Plumbing_of_the_interpreter_is_known(string name) => Assert.Equal(CodeRole.Plumbing, RoleOf(name, Library));

    [Theory]
    [InlineData("list_sort_impl")]
    [InlineData("sre_ucs1_match")]
    [InlineData("_sre_SRE_Pattern_findall")]
    [InlineData("_PyUnicode_JoinArray")]
    [InlineData("builtin_sum")]
    [InlineData("map_next")]
    [InlineData("insertdict")]
    [InlineData("long_to_decimal_string_internal")]
    [InlineData("k_mul")]
    [InlineData("os_stat")]
    [InlineData("list_dealloc")]
    [InlineData("PyInit__decimal")]
    public void What_the_program_asked_for_is_work(string name) => Assert.Equal(CodeRole.Work, RoleOf(name, Library));

    [Theory]
    [InlineData("take_gil", CodeRole.GilWait)]
    [InlineData("gc_collect_main", CodeRole.GarbageCollection)]
    [InlineData("_Py_RunGC", CodeRole.GarbageCollection)]
    [InlineData("collect_with_callback", CodeRole.GarbageCollection)]
    [InlineData("PyImport_ImportModuleLevelObject", CodeRole.Import)]
    [InlineData("_PyEval_ImportName", CodeRole.Import)]
    [InlineData("_imp_create_dynamic_impl", CodeRole.Import)]
    public void What_the_interpreter_does_beside_is_known(string name, CodeRole role) => Assert.Equal(role, RoleOf(name, Library));

    [Theory]
    [InlineData("PyObject_Call", "/x/_json.cpython-313-x86_64-linux-gnu.so", CodeRole.Plumbing)]
    [InlineData("main", "/usr/sbin/uwsgi", CodeRole.Work)]
    [InlineData("collect", "/x/_tracer.so", CodeRole.Work)]
    [InlineData("", "/x/_tracer.so", CodeRole.Work)]
    [InlineData("__libc_start_main@@GLIBC_2.34", "/lib/libc.so.6", CodeRole.Plumbing)]
    [InlineData("clone3", "/lib/libc.so.6", CodeRole.Plumbing)]
    [InlineData("memcpy", "/lib/libc.so.6", CodeRole.Work)]
    [InlineData("", "/lib/libc.so.6", CodeRole.UnnamedLibrary)]
    [InlineData("pthread_cond_timedwait@@GLIBC_2.3.2", "/lib/libc.so.6", CodeRole.ConditionWait)]
    [InlineData("__pthread_cond_wait", "/lib/libpthread-2.28.so", CodeRole.ConditionWait)]
    [InlineData("viperf_agent_Anything", "/run/libviperf-agent.so", CodeRole.Agent)]
    public void The_module_has_a_say(string name, string path, CodeRole role) => Assert.Equal(role, RoleOf(name, path));

    [Theory]
    [InlineData("py::f:/x/app.py", CodeRole.PythonFunction)]
    [InlineData("py::_find_and_load:<frozen importlib._bootstrap>", CodeRole.PythonImport)]
    [InlineData("py::import_module:/usr/lib/python3.11/importlib/__init__.py", CodeRole.PythonFunction)]
    [InlineData("viperf::evaluator", CodeRole.Plumbing)]
    [InlineData("compiled", CodeRole.Work)]
    public void Jitted_code_is_known_by_its_name(string name, CodeRole role) =>
        Assert.Equal(role, InterpreterCode.RoleOf(new Function(name, 1, 0), new Module(ModuleKind.Jit, "/tmp/perf-1.map", "", 0, 1)));

    [Theory]
    [InlineData("python3.13", true)]
    [InlineData("python", true)]
    [InlineData("libpython3.13t.so.1.0", true)]
    [InlineData("pythonista", false)]
    [InlineData("_json.cpython-313-x86_64-linux-gnu.so", false)]
    [InlineData("lib", false)]
    public void Files_that_hold_the_interpreter_are_known(string file, bool isInterpreter) =>
        Assert.Equal(isInterpreter, InterpreterCode.IsInterpreter(file));

    private static CodeRole RoleOf(string name, string path) =>
        InterpreterCode.RoleOf(new Function(name, 1, 0), new Module(ModuleKind.File, path, "", 0, 1));
}
