using Viperf.Core.Profiles;

namespace Viperf.Core.Python;

/// <summary>
/// Tells what a function is in the stack of a Python program, by its name and module: the interpreter's plumbing apart from C
/// code that does what the program asked for.
/// </summary>
public static class InterpreterCode
{
    /// <summary>Functions of importlib as they are called in stacks: it is frozen into the interpreter.</summary>
    private static readonly string[] s_importlib =
        ["<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>", "<frozen zipimport>"];

    /// <summary>Finds a function's role.</summary>
    /// <param name="function">A function as symbols name it.</param>
    /// <param name="module">Its module.</param>
    public static CodeRole RoleOf(in Function function, Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        if (PythonSymbol.TryParse(function.Name, out var python))
        {
            return s_importlib.Contains(python.File) ? CodeRole.PythonImport : CodeRole.PythonFunction;
        }

        switch (module.Kind)
        {
            case ModuleKind.Jit:
                return function.Name.StartsWith("viperf::", StringComparison.Ordinal) ? CodeRole.Plumbing : CodeRole.Work;
            case ModuleKind.File:
                break;
            default:
                return CodeRole.Work;
        }

        if (WaitNames.Contains(function.Name))
        {
            return function.Name == WaitNames.Gil ? CodeRole.GilWait : CodeRole.Wait; // as the recorder saw it
        }

        string file = module.Name;
        if (file.StartsWith("libviperf-agent", StringComparison.Ordinal))
        {
            return CodeRole.Agent;
        }

        if (IsCLibrary(file))
        {
            return OfCLibrary(function.Name);
        }

        if (function.Name is "_start" or "__tls_get_addr" or "_dl_tlsdesc_return")
        {
            return CodeRole.Plumbing; // where every program starts, or whatever asks for a thread's variables
        }

        bool isInterpreter = IsInterpreter(file);
        if (!function.IsNamed)
        {
            // Distributions strip their interpreters: what has no name there is mostly the evaluator's own code.
            return isInterpreter ? CodeRole.Plumbing : CodeRole.Work;
        }

        string name = BareName(function.Name);
        return isInterpreter || name.StartsWith("Py", StringComparison.Ordinal) ? InterpreterFunctions.RoleOf(name) : CodeRole.Work;
    }

    /// <summary>True for the files that hold the interpreter: <c>python3.13</c>, <c>python</c>, <c>libpython3.13.so.1.0</c>.</summary>
    public static bool IsInterpreter(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        int start = file.StartsWith("lib", StringComparison.Ordinal) ? 3 : 0;
        const string Python = "python";
        return string.CompareOrdinal(file, start, Python, 0, Python.Length) == 0
            && (file.Length == start + Python.Length || char.IsAsciiDigit(file[start + Python.Length]));
    }

    /// <summary>
    /// A symbol without what compilers, linkers and symbol tables add to a name: <c>.cold</c>, <c>.lto_priv.0</c>,
    /// <c>@plt</c>, versions, the underscores of CPython's private functions, and <c>_impl</c> of those that Argument Clinic splits.
    /// </summary>
    internal static string BareName(string symbol)
    {
        int end = symbol.AsSpan(1).IndexOfAny('.', '@');
        var name = end < 0 ? symbol.AsSpan() : symbol.AsSpan(0, end + 1);
        const string Split = "_impl";
        name = name.EndsWith(Split, StringComparison.Ordinal) && name.Length > Split.Length ? name[..^Split.Length] : name;
        var bare = name.TrimStart('_');
        return (bare.StartsWith("Py", StringComparison.Ordinal) ? bare : name).ToString();
    }

    private static bool IsCLibrary(string file) =>
        file.StartsWith("libc.so", StringComparison.Ordinal) || file.StartsWith("libc-2.", StringComparison.Ordinal)
        || file.StartsWith("libpthread", StringComparison.Ordinal) || file.StartsWith("ld-musl-", StringComparison.Ordinal);

    private static CodeRole OfCLibrary(string symbol)
    {
        if (symbol.Length == 0)
        {
            return CodeRole.UnnamedLibrary;
        }

        var name = BareName(symbol).AsSpan().TrimStart('_');
        return name.StartsWith("libc_start", StringComparison.Ordinal) || name is "clone" or "clone3" or "start_thread" or "start"
                ? CodeRole.Plumbing
            : name.Contains("pthread_cond_", StringComparison.Ordinal) && name.Contains("wait", StringComparison.Ordinal)
                ? CodeRole.ConditionWait
            : CodeRole.Work;
    }
}
