using Viperf.Agent.CPython;
using Viperf.Agent.Linux;

namespace Viperf.Agent.Trampolines;

/// <summary>
/// Memory full of trampolines, all alike: what one is called says the file, and which code it is for, its code object. So
/// one whose code died can be given to other code while a call still returns through it, and none is ever written again.
/// </summary>
/// <remarks>
/// Arenas lie at multiples of their size, so that a trampoline's address tells its arena. They are never freed.
/// </remarks>
internal unsafe struct Arena
{
    private const nuint Bytes = 128 * 1024;

    /// <summary>Bytes before the first trampoline: this struct and the links, writable and not executable.</summary>
    private const nuint HeadBytes = 64 * 1024;

    /// <summary>
    /// Trampolines lie at least 16 bytes apart. A division by their true distance would need the runtime on arm64, to throw
    /// when it is by zero.
    /// </summary>
    private const int SmallestStrideBits = 4;

    /// <summary>Bytes from the struct to the links.</summary>
    private const nuint LinksOffset = 64;

    /// <summary>The process that made it: a forked child's profilers know only the parent's names for it.</summary>
    public int ProcessId { get; private set; }

    private int _stride;

    private int _used;

    private int _capacity;

    /// <summary>The arena of a trampoline.</summary>
    public static Arena* Of(byte* trampoline) => (Arena*)((nuint)trampoline & ~(Bytes - 1));

    /// <summary>Makes an arena; null where the system gives no memory, or none to execute.</summary>
    /// <param name="layout">Decides what trampolines look like.</param>
    /// <param name="stride">Bytes from one trampoline to the next: 16 at least.</param>
    /// <param name="error">The negative error number, if null is returned.</param>
    public static Arena* Create(in Layout layout, int stride, out int error)
    {
        byte* mapped = Syscall.MapMemory(2 * Bytes, Syscall.PROT_READ | Syscall.PROT_WRITE, out error);
        if (mapped == null)
        {
            return null;
        }

        byte* start = (byte*)(((nuint)mapped + Bytes - 1) & ~(Bytes - 1));
        if (start > mapped)
        {
            Syscall.UnmapMemory(mapped, (nuint)(start - mapped));
        }

        Syscall.UnmapMemory(start + Bytes, (nuint)(mapped + Bytes - start));
        var arena = (Arena*)start;
        arena->ProcessId = ForkGuard.ProcessId;
        arena->_stride = stride;
        for (byte* at = start + HeadBytes; at + stride <= start + Bytes; at += stride)
        {
            TextBuffer code = new(at, stride);
            MachineCode.WriteTrampoline(ref code, layout);
            arena->_capacity++;
        }

        MachineCode.Flush(start + HeadBytes, (int)(Bytes - HeadBytes));
        error = Syscall.ProtectMemory(start + HeadBytes, Bytes - HeadBytes, Syscall.PROT_READ | Syscall.PROT_EXEC);
        if (error == 0)
        {
            return arena;
        }

        Syscall.UnmapMemory(start, Bytes);
        return null;
    }

    /// <summary>A trampoline that was not used yet; null if there is none left.</summary>
    public byte* Take()
    {
        fixed (Arena* self = &this)
        {
            return _used == _capacity ? null : (byte*)self + HeadBytes + (_used++ * _stride);
        }
    }

    /// <summary>A word for each trampoline: the next one of those that wait to be used again.</summary>
    public byte** LinkOf(byte* trampoline)
    {
        fixed (Arena* self = &this)
        {
            long offset = trampoline - (byte*)self - (long)HeadBytes;
            return (byte**)((byte*)self + LinksOffset) + (offset >> SmallestStrideBits);
        }
    }
}
