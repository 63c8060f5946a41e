namespace Viperf.Core.Python;

/// <summary>How an interpreter was built, as its sysconfig says; what its machine code is like, that need not show.</summary>
public sealed record PythonBuild
{
    private const string FramePointerFlag = "no-omit-frame-pointer";

    /// <summary>
    /// The compiler's optimisation as its last option has it: <c>-O2</c>, <c>-Og</c>; <c>-O0</c> where there is none.
    /// </summary>
    public required string Optimization { get; init; }

    /// <summary>Whether the compiler was told to keep frame pointers: the test of Python's documentation.</summary>
    public required bool SaysFramePointers { get; init; }

    /// <summary>Optimised across files when it was linked.</summary>
    public required bool HasLto { get; init; }

    /// <summary>Optimised by a profile of itself.</summary>
    public required bool HasPgo { get; init; }

    /// <summary>Built <c>--with-pydebug</c>.</summary>
    public required bool IsDebug { get; init; }

    /// <summary>True where the compiler keeps every variable on the stack: frames are large.</summary>
    public bool IsUnoptimized => Optimization is "-O0";

    /// <summary>Reads what sysconfig says.</summary>
    /// <param name="compilerFlags">PY_CORE_CFLAGS: what the interpreter's own files were compiled with.</param>
    /// <param name="configureArguments">CONFIG_ARGS: what configure was called with.</param>
    /// <param name="linkerFlags">PY_CORE_LDFLAGS.</param>
    /// <param name="isDebug">Py_DEBUG.</param>
    public static PythonBuild Parse(string compilerFlags, string configureArguments, string linkerFlags, bool isDebug)
    {
        string optimization = "-O0";
        bool lto = false;
        bool pgo = configureArguments.Contains("--enable-optimizations", StringComparison.Ordinal);
        foreach (string flag in $"{compilerFlags} {linkerFlags}".Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            lto = flag switch
            {
                "-fno-lto" => false,
                _ => lto || flag.StartsWith("-flto", StringComparison.Ordinal),
            };
            pgo |= flag.StartsWith("-fprofile-use", StringComparison.Ordinal)
                || flag.StartsWith("-fprofile-instr-use", StringComparison.Ordinal);
        }

        foreach (string flag in compilerFlags.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (flag.StartsWith("-O", StringComparison.Ordinal))
            {
                optimization = flag is "-O" ? "-O1" : flag;
            }
        }

        return new PythonBuild
        {
            Optimization = optimization,
            SaysFramePointers = compilerFlags.Contains(FramePointerFlag, StringComparison.Ordinal)
                || configureArguments.Contains(FramePointerFlag, StringComparison.Ordinal),
            HasLto = lto || configureArguments.Contains("--with-lto", StringComparison.Ordinal),
            HasPgo = pgo,
            IsDebug = isDebug,
        };
    }
}
