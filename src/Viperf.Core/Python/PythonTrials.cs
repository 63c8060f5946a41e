using System.Globalization;

namespace Viperf.Core.Python;

/// <summary>What an interpreter shows only when it is tried. Each trial starts it once, and leaves nothing behind.</summary>
public static class PythonTrials
{
    /// <summary>
    /// Recurses in a thread to two depths, a hundred calls apart, and reads from /proc where that thread's stack ends each
    /// time: with trampolines on, as viperf record has it, since calls then nest in C as they otherwise do not. The
    /// map of names that it writes is removed; the end is a bare exit, with no thread in a state to be torn down.
    /// </summary>
    private const string DepthQuestion =
        """
        import sys, posix, time, _thread
        def deep(n):
            if n == 110: posix.read(first, 1)
            elif n == 10: posix.read(second, 1)
            if n: deep(n - 1)
        def go():
            thread.append(_thread.get_native_id())
            deep(120)
        def stack(waits_for):
            for _ in range(20000):
                if thread:
                    with open('/proc/self/task/%d/syscall' % thread[0]) as file:
                        call = file.read().split()
                    if len(call) > 2 and int(call[1], 16) == waits_for:
                        return int(call[-2], 16)
                time.sleep(0.0001)
            raise TimeoutError
        thread = []
        first, go_on = posix.pipe()
        second, unused = posix.pipe()
        status = 1
        try:
            _thread.start_new_thread(go, ())
            upper = stack(first)
            posix.write(go_on, b'x')
            lower = stack(second)
            sys.stdout.write('%d\n' % ((upper - lower) // 100))
            sys.stdout.flush()
            status = 0
        finally:
            try:
                posix.unlink('/tmp/perf-%d.map' % posix.getpid())
            except OSError:
                pass
            posix._exit(status)
        """;

    /// <summary>Switches the trampolines on, off and on; some versions crash over that when they end. No core is dumped.</summary>
    private const string ToggleQuestion =
        """
        import sys, posix
        try:
            import resource
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        except ImportError:
            pass
        def call(n):
            if n: call(n - 1)
        def call_later():
            pass
        try:
            sys.activate_stack_trampoline('perf')
            call(3)
            sys.deactivate_stack_trampoline()
            call(3)
            sys.activate_stack_trampoline('perf')
            call(3)
            call_later()  # code that is first seen now
        finally:
            posix.unlink('/tmp/perf-%d.map' % posix.getpid())
        sys.stdout.write('switched')
        """;

    /// <summary>Measures how much of the stack a call from Python to Python takes: what a dump of it can hold.</summary>
    /// <returns>Bytes for each call; 0 where such calls take none; null if it cannot be measured.</returns>
    public static int? BytesPerCall(PythonInterpreter python)
    {
        string[] mode = python.HasPerfSupport && !python.HasAgentSupport ? ["-X", "perf"] : [];
        using var session = PythonSession.Begin(
            python.HasAgentSupport ? PythonSupport.Agent : PythonSupport.Off, writesJitDump: false);
        var (exitCode, output, _) = PythonInterpreter.Execute(
            python.Path, [.. mode, "-I", "-S", "-c", DepthQuestion], session.Environment);
        return exitCode == 0 && int.TryParse(output, CultureInfo.InvariantCulture, out int bytes) && bytes >= 0 ? bytes : null;
    }

    /// <summary>Tells whether a program may switch perf's trampolines off and on again.</summary>
    /// <returns>Null where there are none, or they cannot be switched on.</returns>
    public static bool? TogglesSafely(PythonInterpreter python)
    {
        if (!python.HasPerfSupport)
        {
            return null;
        }

        var (exitCode, output, _) = PythonInterpreter.Execute(python.Path, ["-I", "-S", "-c", ToggleQuestion]);
        return output == "switched" ? exitCode == 0 : null;
    }
}
