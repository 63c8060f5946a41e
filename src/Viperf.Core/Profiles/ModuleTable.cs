namespace Viperf.Core.Profiles;

/// <summary>What kind of thing a module is, which decides where its names come from.</summary>
public enum ModuleKind : byte
{
    /// <summary>Nothing known lies at the address: <c>[unknown]</c>.</summary>
    Unknown,

    /// <summary>An ELF file; frame addresses are file offsets.</summary>
    File,

    /// <summary>The kernel; frame addresses are virtual addresses.</summary>
    Kernel,

    /// <summary>A module of the kernel; frame addresses are virtual addresses.</summary>
    KernelModule,

    /// <summary>The kernel's code page for programs, <c>[vdso]</c>; frame addresses are offsets in it.</summary>
    Vdso,

    /// <summary>Executable memory without a file, where jitted code lies; frame addresses are virtual addresses.</summary>
    Jit,

    /// <summary>Other memory without a file, such as <c>[heap]</c> or <c>[stack]</c>; virtual addresses.</summary>
    Memory,

    /// <summary>A file of Python source, where stacks show Python functions as people know them.</summary>
    PythonSource,

    /// <summary>The Python interpreter, where stacks show what it does beside running functions, such as waiting for the GIL.</summary>
    Interpreter,
}

/// <summary>One thing that code lay in.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Path">perf's long name: the path as the process saw it, <c>[kernel.kallsyms]</c>, or for
/// <see cref="ModuleKind.Jit"/> the file that names its code: the jitdump that tells of it, else the perf map that
/// would (<c>/tmp/perf-PID.map</c>).</param>
/// <param name="BuildId">Lower-case hexadecimal digits; empty where the recording has none.</param>
/// <param name="Inode">The file's inode; 0 where the recording has none. Tells files of one name apart.</param>
/// <param name="Pid">The first process that mapped it: the way in to its mount namespace and to its user.</param>
public sealed record Module(ModuleKind Kind, string Path, string BuildId, ulong Inode, int Pid)
{
    /// <summary>The device that the inode is of, major and minor number; the default where the recording has none.</summary>
    public (uint Major, uint Minor) Device { get; init; }

    /// <summary>
    /// perf's short name: the path's last part; <c>[name]</c> for a module of the kernel, <c>[JIT] tid PID</c> for
    /// jitted code. Of Python source the path from where modules are found.
    /// </summary>
    public string Name { get; init; } = ShortName(Kind, Path, Pid);

    private static string ShortName(ModuleKind kind, string path, int pid)
    {
        if (path.StartsWith('['))
        {
            return path;
        }

        if (kind == ModuleKind.Jit)
        {
            return $"[JIT] tid {pid}";
        }

        string name = path[(path.LastIndexOf('/') + 1)..];
        if (kind != ModuleKind.KernelModule)
        {
            return name;
        }

        // NAME.ko or NAME.ko.xz; the kernel calls it by underscores
        int end = name.IndexOf(".ko", StringComparison.Ordinal);
        return $"[{(end < 0 ? name : name[..end]).Replace('-', '_')}]";
    }
}

/// <summary>The modules of a profile by index; each stands there once. Index 0 is the unknown module.</summary>
public sealed class ModuleTable : InternTable<Module>
{
    /// <summary>Index of the module of addresses where nothing is known to lie.</summary>
    public const int Unknown = 0;

    /// <summary>What makes two modules one.</summary>
    public static IEqualityComparer<Module> Comparer => SameModule.Instance;

    /// <summary>Creates a table with the unknown module in it.</summary>
    public ModuleTable()
        : base(SameModule.Instance) => Intern(new Module(ModuleKind.Unknown, "[unknown]", "", 0, 0));

    /// <summary>Jitted code belongs to one process; files are one module whichever process maps them.</summary>
    private sealed class SameModule : IEqualityComparer<Module>
    {
        public static readonly SameModule Instance = new();

        public bool Equals(Module? x, Module? y) => x is null || y is null ? ReferenceEquals(x, y) : Key(x) == Key(y);

        public int GetHashCode(Module module) => Key(module).GetHashCode();

        private static (ModuleKind, string, string, ulong, int) Key(Module module) => (
            module.Kind,
            module.Path,
            module.BuildId,
            module.Inode,
            module.Kind == ModuleKind.Jit ? module.Pid : 0);
    }
}
