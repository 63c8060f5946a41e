using Viperf.Formats.Elf;

namespace Viperf.Core.Symbols;

/// <summary>
/// Where programs and threads begin: the code that nothing calls, or only code that calls nothing else, so that a stack that
/// reaches it is complete. Most of it has names; distributions strip C libraries of those that are no part of their interface.
/// </summary>
internal sealed class StartPlaces
{
    /// <summary>Longer than the code at an ELF entry point, which calls one function and does not return.</summary>
    private const ulong EntryBytes = 64;

    /// <summary>
    /// What C libraries build before a function of their interface, from the same source file: <c>__libc_start_call_main</c>
    /// (glibc) before <c>__libc_start_main</c>, <c>start_thread</c> (glibc) and <c>start</c> (musl) before
    /// <c>pthread_create</c>. The return address in them lay 0x3a to 0x238 bytes before it in the libraries looked at.
    /// </summary>
    private static readonly (byte[] Before, ulong Bytes)[] s_neighbours =
        [("__libc_start_main"u8.ToArray(), 0x100), ("pthread_create"u8.ToArray(), 0x400)];

    /// <summary>musl's name for where threads begin, which other code has as well: it counts only where musl has it.</summary>
    private const string MuslThread = "start";

    private static readonly HashSet<string> s_names = new(StringComparer.Ordinal)
    {
        "_start", "__start", "_dl_start_user", "_start_c",
        "__libc_start_main", "__libc_start_main_impl", "__libc_start_call_main", "generic_start_main", "libc_start_main_stage2",
        "start_thread",
    };

    /// <summary>They begin threads, and are called to do it: only a return address in them is a thread's beginning.</summary>
    private static readonly HashSet<string> s_clones = new(StringComparer.Ordinal) { "clone", "__clone", "clone3", "__clone3" };

    private readonly List<(ulong From, ulong To)> _unnamed = [];

    /// <summary>True if something begins in a function.</summary>
    /// <param name="name">The symbol, with or without a version.</param>
    /// <param name="offset">The place in it, an offset in the file.</param>
    /// <param name="isReturnAddress">False if the processor stood in the function.</param>
    public bool Contains(string name, ulong offset, bool isReturnAddress)
    {
        int version = name.IndexOf('@', StringComparison.Ordinal);
        string plain = version < 0 ? name : name[..version];
        return s_names.Contains(plain)
            || (isReturnAddress && s_clones.Contains(plain))
            || (plain == MuslThread && Contains(offset));
    }

    /// <summary>Takes note of the code that runs first in a file.</summary>
    public void AddEntry(ElfFile file)
    {
        if (file.EntryPoint != 0 && file.TryGetFileOffset(file.EntryPoint, out ulong offset))
        {
            _unnamed.Add((offset, offset + EntryBytes));
        }
    }

    /// <summary>Takes note of what lies before a symbol.</summary>
    public void AddNeighbour(ReadOnlySpan<byte> name, ulong offset)
    {
        foreach (var (before, bytes) in s_neighbours)
        {
            if (name.StartsWith(before) && (name.Length == before.Length || name[before.Length] == (byte)'@'))
            {
                _unnamed.Add((offset - Math.Min(offset, bytes), offset));
            }
        }
    }

    /// <summary>True if something begins at a place that has no name.</summary>
    /// <param name="offset">Offset in the file.</param>
    public bool Contains(ulong offset)
    {
        foreach (var (from, to) in _unnamed)
        {
            if (offset >= from && offset < to)
            {
                return true;
            }
        }

        return false;
    }
}
