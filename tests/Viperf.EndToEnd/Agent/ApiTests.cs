using System.Text.RegularExpressions;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Agent;

/// <summary>The Python package's API: what CPython's own tests ask of sys.activate_stack_trampoline, and more.</summary>
public partial class ApiTests
{
    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Functions_that_are_called_from_then_on_have_a_line_in_the_map(string version)
    {
        using var tmp = AgentTmp.For(version);
        string script = Write(
            tmp,
            """
            import viperf
            def early(): pass
            def foo(): pass
            def bar(): foo()
            def baz(): bar()
            early()
            viperf.activate_stack_trampoline("perf")
            baz()
            """);

        Quiet(tmp.With([], script));

        string[] lines = tmp.Map.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Matches(MapLine(), line));
        foreach (string function in (string[])["foo", "bar", "baz"])
        {
            Assert.Single(lines, line => line.EndsWith($" py::{function}:{script}", StringComparison.Ordinal));
        }

        Assert.DoesNotContain("py::early:", tmp.Map);
        Assert.Empty(tmp.Dumps);
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Functions_that_are_called_while_they_are_off_have_none(string version)
    {
        using var tmp = AgentTmp.For(version);

        Quiet(tmp.With([], AgentTmp.Program("api_toggles.py"), "perf"));

        string[] names = AgentTmp.NamesOf(Assert.Single(tmp.Maps));
        HasAll(names, "py::spam:api_toggles.py", "py::bar:api_toggles.py", "py::baz:api_toggles.py");
        Assert.DoesNotContain("py::foo:api_toggles.py", names);
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void A_forks_child_has_a_map_of_its_own_with_its_own_functions(string version)
    {
        using var tmp = AgentTmp.For(version);

        var result = tmp.With([], AgentTmp.Program("api_fork.py"), "perf").Succeeded();

        Assert.Equal("", result.Error);
        string childs = tmp.Directory.File($"perf-{result.Output.Trim()}.map");
        string parents = Assert.Single(tmp.Maps, map => map != childs);
        HasAll(AgentTmp.NamesOf(parents), "py::foo:api_fork.py", "py::bar:api_fork.py", "py::baz:api_fork.py");
        string[] ofChild = ["py::foo_fork:api_fork.py", "py::bar_fork:api_fork.py", "py::baz_fork:api_fork.py"];
        HasAll(AgentTmp.NamesOf(childs), ofChild);
        Assert.Empty(AgentTmp.NamesOf(parents).Intersect(ofChild));
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void A_forks_child_has_a_jitdump_of_its_own(string version)
    {
        using var tmp = AgentTmp.For(version);

        var result = tmp.With([], AgentTmp.Program("api_fork.py"), "perf_jit").Succeeded();

        Assert.Equal("", result.Error);
        Assert.Empty(tmp.Maps);
        string childs = tmp.Directory.File($"jit-{result.Output.Trim()}.dump");
        string parents = Assert.Single(tmp.Dumps, dump => dump != childs);
        Assert.Contains("py::baz:", File.ReadAllText(parents));
        Assert.DoesNotContain("py::baz_fork:", File.ReadAllText(parents));
        Assert.Contains("py::baz_fork:", File.ReadAllText(childs));
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Switching_twice_in_either_direction_changes_nothing_and_the_state_is_told(string version)
    {
        using var tmp = AgentTmp.For(version);
        string script = Write(
            tmp,
            """
            import viperf
            def active(): return viperf.is_stack_trampoline_active()
            assert viperf.deactivate_stack_trampoline() is None and active() is False
            assert viperf.activate_stack_trampoline("perf") is None and active() is True
            assert viperf.activate_stack_trampoline("perf") is None and active() is True
            assert viperf.activate_stack_trampoline("perf_jit") is None and active() is True
            assert viperf.deactivate_stack_trampoline() is None and active() is False
            assert viperf.deactivate_stack_trampoline() is None and active() is False
            assert viperf.activate_stack_trampoline("perf") is None and active() is True
            """);

        Quiet(tmp.With([], "-X", "dev", "-W", "error", script));

        string[] names = [.. AgentTmp.NamesOf(Assert.Single(tmp.Maps)).Where(name => name.StartsWith("py::", StringComparison.Ordinal))];
        Assert.NotEmpty(names);
        Assert.Equal(names.Distinct(), names);
        Assert.Single(tmp.Dumps);
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void What_is_no_backend_is_refused_in_CPythons_words(string version)
    {
        using var tmp = AgentTmp.For(version);
        string script = Write(
            tmp,
            """
            import viperf
            for backend in "invalid", "", "perf\0", "\udc80", 1, None, b"perf":
                try:
                    viperf.activate_stack_trampoline(backend)
                except (ValueError, TypeError) as problem:
                    print(f"{type(problem).__name__}: {problem!a}")
            assert not viperf.is_stack_trampoline_active()
            """);

        var result = tmp.With([], script).Succeeded();

        Assert.Equal(
            [
                "ValueError: ValueError('invalid backend: invalid')",
                "ValueError: ValueError('invalid backend: ')",
                @"ValueError: ValueError('invalid backend: perf\x00')",
                @"ValueError: ValueError('invalid backend: \udc80')",
                "TypeError: TypeError('activate_stack_trampoline() argument must be str, not int')",
                "TypeError: TypeError('activate_stack_trampoline() argument must be str, not None')",
                "TypeError: TypeError('activate_stack_trampoline() argument must be str, not bytes')",
            ],
            result.Lines);
        Assert.Empty(tmp.Maps);
    }

    [Theory]
    [MemberData(nameof(Interpreter.WithPerfSupport), MemberType = typeof(Interpreter))]
    public void An_error_has_the_type_and_text_that_it_has_in_sys(string version)
    {
        using var tmp = AgentTmp.For(version);
        string script = Write(
            tmp,
            """
            import sys, viperf
            for module in sys, viperf:
                for backend in "invalid", "", 1, 1.5, None, b"perf", ["perf"]:
                    try:
                        module.activate_stack_trampoline(backend)
                    except (ValueError, TypeError) as problem:
                        print(repr(problem))
            """);

        string[] said = tmp.With([], script).Succeeded().Lines;

        Assert.Equal(14, said.Length);
        Assert.Equal(said[..7], said[7..]);
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void The_context_manager_brings_back_what_was_there_before(string version)
    {
        using var tmp = AgentTmp.For(version);

        Quiet(tmp.With([], AgentTmp.Program("api_nested.py")));

        var names = AgentTmp.NamesOf(Assert.Single(tmp.Maps)).Where(name => name.StartsWith("py::f_", StringComparison.Ordinal));
        Assert.Equal(
            [
                "py::f_seen_after_error:api_nested.py", "py::f_seen_after_inner:api_nested.py",
                "py::f_seen_inner:api_nested.py", "py::f_seen_outer:api_nested.py",
            ],
            names.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("f_", File.ReadAllText(Assert.Single(tmp.Dumps)));
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void The_context_manager_brings_back_the_backend_that_the_environment_chose(string version)
    {
        using var tmp = AgentTmp.For(version);
        string script = Write(
            tmp,
            """
            import viperf
            def inside(): pass
            def after(): pass
            with viperf.trampolines("perf"): inside()
            after()
            """);

        Quiet(tmp.With("perf_jit", script));

        Assert.Contains("py::inside:perftest.py", AgentTmp.NamesOf(Assert.Single(tmp.Maps)));
        Assert.DoesNotContain("py::after:", tmp.Map);
        string dump = File.ReadAllText(Assert.Single(tmp.Dumps));
        Assert.Contains($"py::after:{script}", dump);
        Assert.DoesNotContain($"py::inside:{script}", dump);
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void An_import_switches_nothing_on_and_brings_no_other_modules(string version)
    {
        using var tmp = AgentTmp.For(version);

        string said = tmp.With(
            [],
            "-c",
            "import sys; before = set(sys.modules); import viperf; print(sorted(set(sys.modules) - before)); "
                + "print(viperf.is_stack_trampoline_active())").Succeeded().Output;

        Assert.Equal("['__future__', 'viperf']\nFalse\n", said);
        Assert.Empty(tmp.Maps);
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Every_public_name_is_documented_and_its_types_can_be_asked_for(string version)
    {
        using var tmp = AgentTmp.For(version);
        string script = Write(
            tmp,
            """
            import typing, viperf
            for name in viperf.__all__:
                assert getattr(viperf, name).__doc__, name
            print(typing.get_type_hints(viperf.activate_stack_trampoline))
            print(typing.get_type_hints(viperf.is_stack_trampoline_active))
            """);

        string[] said = tmp.With([], script).Succeeded().Lines;

        Assert.Equal(
            [
                "{'backend': <class 'str'>, 'implementation': <class 'str'>, 'return': <class 'NoneType'>}",
                "{'return': <class 'bool'>}",
            ],
            said);
    }

    /// <summary>A program in the interpreter's /tmp.</summary>
    /// <returns>Its path there.</returns>
    private static string Write(AgentTmp tmp, string text)
    {
        tmp.Directory.Write("perftest.py", text);
        return "/tmp/perftest.py";
    }

    private static void HasAll(string[] names, params string[] expected) => Assert.Empty(expected.Except(names));

    private static void Quiet(ToolResult result) => Assert.Equal(new ToolResult(0, "", ""), result);

    /// <summary>The agent's own piece of code has a line too.</summary>
    [GeneratedRegex("^[0-9a-f]+ [0-9a-f]+ (py::.+:.+|viperf::evaluator)$")]
    private static partial Regex MapLine();
}
