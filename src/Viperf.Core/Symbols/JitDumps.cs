using System.Diagnostics;
using Viperf.Core.Linux;
using Viperf.Core.Profiles;
using Viperf.Formats.Bytes;
using Viperf.Formats.Jit;

namespace Viperf.Core.Symbols;

/// <summary>
/// The jitted code of a profile's processes, from the jitdumps that they wrote. A jitdump is read when the first address is
/// looked up in it, and on when one is missing and the file has grown, so it serves recordings and processes that still
/// run. See <see cref="ProcessFile"/> for whose are believed.
/// </summary>
/// <param name="profile">Whose modules say where the files lie; takes the code that is found.</param>
/// <param name="options">What the recording says.</param>
public sealed class JitDumps(Profile profile, SymbolizerOptions options) : IDisposable
{
    /// <summary>A file that cannot be read yet is tried again after this: its first bytes may be in its writer's buffer.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    /// <summary>By index of the module.</summary>
    private readonly List<Slot> _slots = [];

    /// <summary>All that are open, by the paths that they were opened by.</summary>
    private readonly Dictionary<string, JitDump> _open = [];

    /// <summary>Why code has no names, or may have wrong ones: one line each.</summary>
    public IEnumerable<string> Warnings => _slots.Select(slot => slot.Problem).OfType<string>().Distinct()
        .Concat(_open.Values.SelectMany(dump => dump.Warnings()));

    /// <summary>Finds the code that lay at an address at a time. Allocates nothing for code that was found before.</summary>
    /// <param name="module">The jitdump: index in the profile's module table.</param>
    /// <param name="address">Virtual address.</param>
    /// <param name="time">Nanoseconds of CLOCK_MONOTONIC; null where the recording's clock is another, so that the code
    /// that came last is found.</param>
    /// <returns>Index in <see cref="Profile.JitCodes"/>; <see cref="JitCodeTable.None"/> where the jitdump has nothing.</returns>
    public int Find(int module, ulong address, ulong? time)
    {
        int block = DumpOf(module)?.Find(address, time) ?? -1;
        return block < 0 ? JitCodeTable.None : profile.JitCodes.Intern(new JitCode(module, block));
    }

    /// <summary>Where code that was found lies and since when.</summary>
    public JitCodeBlock BlockOf(int code) => OwnerOf(code, out int block)[block];

    /// <summary>The name of code that was found, as the runtime wrote it.</summary>
    public string NameOf(int code) => OwnerOf(code, out int block).NameOf(block);

    /// <summary>The source line of an address in code that was found; null if the runtime told none.</summary>
    public SourceLine? LineOf(int code, ulong address) => OwnerOf(code, out int block).LineOf(block, address);

    /// <summary>The unwind information of code that was found; null if the runtime wrote none. Allocates nothing when it is
    /// asked for again.</summary>
    public JitUnwinding? UnwindingOf(int code) => OwnerOf(code, out int block).UnwindingOf(block);

    /// <summary>True if no other code is known to have lain at an address, or to lie there later.</summary>
    /// <param name="code">The code that was found there.</param>
    /// <param name="address">The address.</param>
    public bool IsOnly(int code, ulong address) => OwnerOf(code, out int block).IsOnly(block, address);

    /// <summary>Blocks of a jitdump that are known so far: none before the first look-up.</summary>
    public int CountOf(int module) => module < _slots.Count ? _slots[module].Dump?.Count ?? 0 : 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var dump in _open.Values)
        {
            dump.Dispose();
        }
    }

    private JitDump OwnerOf(int code, out int block)
    {
        (int module, block) = profile.JitCodes[code];
        return DumpOf(module)!;
    }

    private JitDump? DumpOf(int module)
    {
        while (_slots.Count <= module)
        {
            _slots.Add(new Slot());
        }

        var slot = _slots[module];
        if (slot.Dump is null && Stopwatch.GetTimestamp() is var now && now >= slot.NextTry)
        {
            slot.Dump = Open(profile.Modules[module], out string? problem);
            slot.Problem = problem;
            slot.NextTry = now + (long)(s_pause.TotalSeconds * Stopwatch.Frequency);
        }

        return slot.Dump;
    }

    /// <summary>Opens a jitdump, or says why it is not read.</summary>
    private JitDump? Open(Module module, out string? problem)
    {
        // A process in a container sees other files at the path.
        problem = null;
        return (ProcessNamespaces.RootOf(module.Pid) is { } root ? TryOpen(root + module.Path, module.Pid, out problem) : null)
            ?? TryOpen(module.Path, module.Pid, out problem);
    }

    private JitDump? TryOpen(string path, int pid, out string? problem)
    {
        problem = null;
        FileSource? source = null;
        try
        {
            source = ProcessFile.Open(path, pid, options.RecordingOwner);
            if (!_open.TryGetValue(path, out var dump))
            {
                dump = new JitDump(source);
                source = null;
                _open.Add(path, dump);
            }

            return dump;
        }
        catch (ParseException e)
        {
            problem = $"{e.Message}; the code that it tells of has no names";
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"{path}: {e.Message}; the code that it tells of has no names";
            return null;
        }
        finally
        {
            source?.Dispose();
        }
    }

    private sealed class Slot
    {
        public JitDump? Dump { get; set; }

        /// <summary>Why there is none.</summary>
        public string? Problem { get; set; }

        /// <summary>When it may be tried again; a time stamp of <see cref="Stopwatch"/>.</summary>
        public long NextTry { get; set; }
    }
}
