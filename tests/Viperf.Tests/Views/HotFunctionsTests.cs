using Viperf.Core.Profiles;
using Viperf.Core.Views;
using Xunit;

namespace Viperf.Tests.Views;

public class HotFunctionsTests
{
    private readonly Profile _profile = new();

    public HotFunctionsTests()
    {
        _profile.Events.Add(new("cpu-clock", IsClock: true));
        _profile.Events.Add(new("page-faults", IsClock: false));
    }

    [Fact]
    public void All_functions_count_where_they_are_innermost()
    {
        AddSample(7, "main", "read", "memcpy");
        AddSample(3, "main", "read");

        var view = HotFunctions.OfAll(_profile);

        Assert.Equal([("memcpy", 7UL, 7UL), ("read", 3UL, 10UL), ("main", 0UL, 10UL)], view.Functions.Select(f => (f.Name, f.Self, f.Total)));
        Assert.Equal(0UL, view.SamplesWithout);
    }

    [Fact]
    public void Native_code_counts_for_the_Python_function_that_called_it()
    {
        AddSample(7, "main", "py::outer:a.py", "eval", "py::inner:a.py", "eval", "memcpy");
        AddSample(3, "main", "py::outer:a.py", "eval");

        var view = HotFunctions.OfPython(_profile);

        Assert.Equal([new("inner", "a.py", 7, 7), new("outer", "a.py", 3, 10)], view.Functions);
        Assert.Equal((10UL, 2UL, 0UL), (view.Total, view.Samples, view.SamplesWithout));
    }

    [Fact]
    public void Recursion_counts_a_sample_once()
    {
        AddSample(5, "py::fib:f.py", "py::fib:f.py", "py::fib:f.py");
        AddSample(5, "py::fib:f.py", "py::g:f.py", "py::fib:f.py");

        Assert.Equal(
            [new("fib", "f.py", 10, 10), new("g", "f.py", 0, 5)],
            HotFunctions.OfPython(_profile).Functions);
    }

    [Fact]
    public void Samples_without_a_Python_frame_are_counted_apart()
    {
        AddSample(1, "start", "read");
        AddSample(1, (string[])[]);
        AddSample(1, "py::f:f.py");

        var view = HotFunctions.OfPython(_profile);

        Assert.Equal((3UL, 2UL), (view.Samples, view.SamplesWithout));
        Assert.Single(view.Functions);
    }

    [Fact]
    public void A_function_of_several_processes_stands_there_once()
    {
        AddSample(2, ("py::f:f.py", 1));
        AddSample(3, ("py::f:f.py", 2));

        Assert.Equal([new("f", "f.py", 5, 5)], HotFunctions.OfPython(_profile).Functions);
    }

    [Fact]
    public void Other_events_do_not_mix_in()
    {
        AddSample(2, "py::f:f.py");
        int stack = _profile.Stacks.Intern(StackTable.Empty, 0);
        _profile.Samples.Add(new(Event: 1, Pid: 1, Tid: 1, Comm: 0, Cpu: -1, stack), period: 100);

        Assert.Equal(2UL, HotFunctions.OfPython(_profile).Total);
        Assert.Equal(100UL, HotFunctions.OfPython(_profile, eventIndex: 1).Total);
    }

    [Fact]
    public void What_the_interpreter_does_counts_beside_Python_functions()
    {
        AddSample(2, "py::f:f.py", "[import]", "read");
        Assert.Equal([new("[import]", "", 2, 2), new("f", "f.py", 0, 2)], HotFunctions.OfPython(_profile).Functions);
    }

    [Fact]
    public void The_hottest_line_is_that_of_most_of_a_function_s_own()
    {
        var source = new SourceProfile();
        int main = source.Function("main"), work = source.Function("work");
        source.Add(2, [source.Frame(main, 10), source.Frame(work, 2)]);
        source.Add(3, [source.Frame(main, 11), source.Frame(work, 3)]);
        source.Add(2, [source.Frame(main, 11), source.Frame(work, 2, offset: 8), source.Frame(-1, 0)]);
        source.Add(9, [source.Frame(main, 11), source.Frame(work, 0)]);
        var profile = source.Profile;
        int module = profile.Modules.Intern(new(ModuleKind.PythonSource, "app.py", "", 0, 0));
        foreach (int frame in Enumerable.Range(0, profile.Frames.Count).Where(frame => source.Places.Of(frame) is not null))
        {
            string name = source.Places.Functions[source.Places.Of(frame)!.Value.Function].Name;
            profile.Frames.SetFunction(frame, profile.Functions.Intern(new(name, module, 0)));
        }

        var functions = HotFunctions.OfPython(profile, lineOf: frame => source.Places.Of(frame)?.Line ?? 0).Functions;

        Assert.Equal([("work", (2, 4UL)), ("main", (0, 0UL))], functions.Select(function => (function.Name, function.HottestLine)));
    }

    private void AddSample(ulong period, params string[] frames) =>
        AddSample(period, [.. frames.Select(name => (name, 1))]);

    private void AddSample(ulong period, params (string Name, int Pid)[] frames)
    {
        int stack = StackTable.Empty;
        foreach (var (name, pid) in frames)
        {
            bool isPython = PythonSymbol.TryParse(name, out var python);
            var kind = isPython ? ModuleKind.PythonSource : name == "[import]" ? ModuleKind.Interpreter : ModuleKind.Jit;
            int module = _profile.Modules.Intern(new(kind, isPython ? python.File : $"/tmp/perf-{pid}.map", "", 0, pid));
            int function = _profile.Functions.Intern(isPython
                ? new(python.Name, module, 0) { Place = python.File }
                : new(name, module, 0));
            int frame = _profile.Frames.Intern(new((ulong)function, module, FrameMode.User, IsReturnAddress: false));
            _profile.Frames.SetFunction(frame, function);
            stack = _profile.Stacks.Intern(stack, frame);
        }

        _profile.Samples.Add(new(Event: 0, Pid: 1, Tid: 1, Comm: 0, Cpu: -1, stack), period);
    }
}
