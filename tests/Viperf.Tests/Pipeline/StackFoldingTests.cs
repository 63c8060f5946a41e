using Viperf.Core.Pipeline;
using Viperf.Core.Profiles;
using Viperf.Tests.Profiles;
using Xunit;

namespace Viperf.Tests.Pipeline;

public class StackFoldingTests
{
    private const string Start = "python3.13!_start;libc.so.6!__libc_start_main;python3.13!Py_BytesMain;py::<module>:app.py;python3.13!_PyEval_EvalFrameDefault";
    private const string Call = "python3.13!PyObject_Vectorcall";

    [Theory]
    [InlineData($"{Start};{Call};py::f:app.py;python3.13!_PyEval_EvalFrameDefault", "<module> (app.py);f (app.py)", "<module> (app.py);f (app.py)")]
    [InlineData($"{Start};python3.13!builtin_sorted;python3.13!list_sort_impl;{Call};py::key:app.py", "<module> (app.py);builtin_sorted;list_sort_impl;key (app.py)", "<module> (app.py);key (app.py)")]
    [InlineData($"{Start};_json.so!scan_once;libc.so.6!memcpy", "<module> (app.py);scan_once;memcpy", "<module> (app.py)")]
    [InlineData($"{Start};python3.13!os_stat;[k]do_syscall_64", "<module> (app.py);os_stat;do_syscall_64", "<module> (app.py)")]
    [InlineData($"{Start};{Call};py::f:app.py;{Call};py::f:app.py", "<module> (app.py);f (app.py);f (app.py)", "<module> (app.py);f (app.py);f (app.py)")]
    public void Plumbing_is_left_out_and_in_Python_all_native_code(string stack, string mixed, string python) =>
        AssertFolds(stack, mixed, python);

    [Theory]
    [InlineData(
        $"{Start};python3.13!import_name;python3.13!PyImport_ImportModuleLevelObject;py::_find_and_load:<frozen importlib._bootstrap>;{Call};"
        + "py::get_code:<frozen importlib._bootstrap_external>;python3.13!builtin_exec;py::<module>:other.py",
        "<module> (app.py);[import];<module> (other.py)", "<module> (app.py);[import];<module> (other.py)")]
    [InlineData(
        $"{Start};python3.13!PyImport_ImportModuleLevelObject;py::get_code:<frozen importlib._bootstrap_external>;python3.13!r_object",
        "<module> (app.py);[import]", "<module> (app.py);[import]")]
    [InlineData(
        $"{Start};python3.13!_imp_create_dynamic;libc.so.6!dlopen;[k]mmap;_x.so!PyInit__x;python3.13!PyImport_ImportModule",
        "<module> (app.py);[import];dlopen;mmap;PyInit__x;[import]", "<module> (app.py);[import]")]
    [InlineData(
        $"{Start};python3.13!_PyObject_GC_New;python3.13!gc_collect_main;python3.13!dict_dealloc;libc.so.6!free",
        "<module> (app.py);[garbage collection]", "<module> (app.py);[garbage collection]")]
    [InlineData(
        $"{Start};python3.13!gc_collect_main;python3.13!slot_tp_finalize;py::C.__del__:app.py;python3.13!os_stat",
        "<module> (app.py);[garbage collection];C.__del__ (app.py);os_stat", "<module> (app.py);[garbage collection];C.__del__ (app.py)")]
    [InlineData(
        $"{Start};python3.13!_Py_HandlePending;python3.13!take_gil;libc.so.6!pthread_cond_timedwait;[k]do_syscall_64",
        "<module> (app.py);[GIL wait]", "<module> (app.py);[GIL wait]")]
    [InlineData(
        $"{Start};_x.so!read;python3.13!PyEval_RestoreThread;python3.13!take_gil",
        "<module> (app.py);read;[GIL wait]", "<module> (app.py);[GIL wait]")]
    [InlineData($"{Start};libviperf-agent.so!name;[k]write", "<module> (app.py);[viperf]", "<module> (app.py);[viperf]")]
    public void What_the_interpreter_does_beside_is_one_frame(string stack, string mixed, string python) => AssertFolds(stack, mixed, python);

    [Theory]
    [InlineData($"{Start};python3.11!;libc.so.6!pthread_cond_timedwait;[k]futex", "<module> (app.py);[GIL wait]", "<module> (app.py);[GIL wait]")]
    [InlineData($"{Start};_pool.so!;libc.so.6!pthread_cond_wait", "<module> (app.py);[unknown] (_pool.so);pthread_cond_wait", "<module> (app.py)")]
    [InlineData("server!worker;libc.so.6!pthread_cond_wait", "worker;pthread_cond_wait", "[native] (libc.so.6)")]
    public void Waiting_in_an_interpreter_without_symbols_is_waiting_for_the_GIL_and_elsewhere_it_is_not(string stack, string mixed, string python) =>
        AssertFolds(stack, mixed, python);

    [Theory]
    [InlineData("server!_start;libc.so.6!;server!main;libc.so.6!;[k]read", "main;[unknown] (libc.so.6);read", "[native] (libc.so.6)")]
    [InlineData("libc.so.6!clone3;libc.so.6!;server!worker", "worker", "[native] (server)")]
    [InlineData("python3.13!_start;python3.13!Py_BytesMain;python3.13!pymain_run_python", "pymain_run_python", "[native] (python3.13)")]
    [InlineData("[k]ret_from_fork;[k]schedule", "ret_from_fork;schedule", "[native] ([kernel.kallsyms])")]
    [InlineData("libc.so.6!clone3", "clone3", "[native] (libc.so.6)")]
    [InlineData("0x12", "[unknown] ([unknown])", "[native] ([unknown])")]
    public void No_stack_is_left_without_a_frame(string stack, string mixed, string python) => AssertFolds(stack, mixed, python);

    [Fact]
    public void Code_without_names_is_one_frame_for_a_module()
    {
        AssertFolds($"{Start};libz.so!;libz.so!@7;libz.so!@9", "<module> (app.py);[unknown] (libz.so)", "<module> (app.py)");
    }

    [Fact]
    public void A_function_that_Argument_Clinic_split_is_one_frame()
    {
        AssertFolds($"{Start};python3.13!list_sort;python3.13!list_sort_impl;python3.13!merge_at", "<module> (app.py);list_sort;merge_at", "<module> (app.py)");
        AssertFolds("py::f:app.py;_x.so!f_impl", "f (app.py);f_impl", "f (app.py)");
    }

    [Fact]
    public void Functions_of_one_name_in_two_files_stay_two()
    {
        const string One = "/a/site-packages/m.py", Two = "/b/site-packages/m.py";
        var profile = new ProfileBuilder().Samples(1, $"py::f:{One}").Samples(1, $"py::f:{Two}").Profile;

        Folding.Fold(profile, StackMode.Python);

        Assert.Equal(["f (m.py)", $"f ({Two})"], Stacks(profile));
        Assert.Equal([One, Two], Enumerable.Range(0, 2).Select(row => profile.Modules[LeafOf(profile, row).Module].Path));
    }

    [Fact]
    public void A_function_of_two_processes_is_one()
    {
        var profile = new ProfileBuilder().Samples(1, "one!py::f:a.py").Samples(1, "two!py::f:a.py@3").Profile;

        Folding.Fold(profile, StackMode.Mixed);

        Assert.Equal(LeafOf(profile, 0), LeafOf(profile, 1));
    }

    [Fact]
    public void Samples_whose_stacks_become_equal_are_summed_and_none_is_lost()
    {
        var profile = new ProfileBuilder()
            .Samples(2, Start).Samples(3, $"{Start};{Call}").Samples(4, "python3.13!_start").Samples(5, "python3.13!Py_RunMain").Profile;

        Folding.Fold(profile, StackMode.Python);

        Assert.Equal(["<module> (app.py)", "[native] (python3.13)"], Stacks(profile));
        Assert.Equal([5UL, 9UL], Enumerable.Range(0, 2).Select(profile.Samples.SamplesOf));
    }

    private static void AssertFolds(string stack, string mixed, string python)
    {
        Assert.Equal([mixed], Folded(stack, StackMode.Mixed));
        Assert.Equal([python], Folded(stack, StackMode.Python));
    }

    private static IEnumerable<string> Folded(string stack, StackMode mode)
    {
        var profile = new ProfileBuilder().Samples(1, stack).Profile;
        Folding.Fold(profile, mode);
        return Stacks(profile);
    }

    private static IEnumerable<string> Stacks(Profile profile)
    {
        for (int row = 0; row < profile.Samples.Count; row++)
        {
            List<string> titles = [];
            for (int stack = profile.Samples.KeyOf(row).Stack; stack != StackTable.Empty; stack = profile.Stacks.ParentOf(stack))
            {
                titles.Add(profile.Functions[profile.Frames.FunctionOf(profile.Stacks.FrameOf(stack))].Title);
            }

            yield return string.Join(';', titles.AsEnumerable().Reverse());
        }
    }

    private static Function LeafOf(Profile profile, int row) =>
        profile.Functions[profile.Frames.FunctionOf(profile.Stacks.FrameOf(profile.Samples.KeyOf(row).Stack))];
}
