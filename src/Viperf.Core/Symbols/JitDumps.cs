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
/// <param name="embedded">The files that the recording brought along; null if there are none.</param>
public sealed class JitDumps(Profile profile, SymbolizerOptions options, EmbeddedSymbols? embedded = null) : IDisposable
{
    /// <summary>A file that cannot be read yet is tried again after so many milliseconds: its first bytes may be in its
    /// writer's buffer.</summary>
    private const long Pause = 100;

    /// <summary>Files that are open at a time; every process of a recording may have one, and a user may open 1024 files.</summary>
    private const int MaximumOpenFiles = 64;

    /// <summary>Addresses that are counted of one jitdump.</summary>
    private const int MaximumMissed = 1 << 16;

    /// <summary>Two to this power is larger than the number of jitted addresses that samples meet again and again.</summary>
    private const int AnswerBits = 12;

    /// <summary>2^64 divided by the golden ratio: its products differ in their upper bits, which code's regular addresses do
    /// not in their lower ones.</summary>
    private const ulong HashFactor = 0x9e3779b97f4a7c15;

    /// <summary>The last answers of <see cref="Find"/>, each where its address has its place.</summary>
    private readonly Answer[] _answers = new Answer[1 << AnswerBits];

    /// <summary>By index of the module.</summary>
    private readonly List<Slot> _slots = [];

    /// <summary>All that were read, by the paths that they were opened by.</summary>
    private readonly Dictionary<string, JitDump> _dumps = [];

    /// <summary>Files that are open, those that were opened first in front.</summary>
    private readonly Queue<JitDumpFile> _openFiles = [];

    /// <summary>Why code has no names, or may have wrong ones: one line each.</summary>
    public IEnumerable<string> Warnings
    {
        get
        {
            // A pool of killed workers leaves a jitdump each: they are said together.
            var slots = _slots.Where(slot => slot.Missed.Count != 0 && slot.Fault is not null);
            foreach (var alike in slots.GroupBy(slot => slot.Fault))
            {
                int others = alike.Count() - 1;
                yield return $"{alike.First().Path}{(others == 0 ? "" : $" and {others} more jitdumps")}: {alike.Key}; "
                    + $"{alike.Sum(slot => slot.Missed.Count)} sampled addresses lie in code that nothing tells of";
            }

            foreach (string path in _dumps.Where(dump => dump.Value.HasReplacedCode).Select(dump => dump.Key).Take(1))
            {
                yield return $"{path}: some sampled addresses held different code at different times, and the recording's clock "
                    + "does not tell which: they have the last one's name; record with -k mono (--clockid)";
            }
        }
    }

    /// <summary>Finds the code that lay at an address at a time. Allocates nothing for code that was found before.</summary>
    /// <param name="module">The jitdump: index in the profile's module table.</param>
    /// <param name="address">Virtual address.</param>
    /// <param name="time">Nanoseconds of CLOCK_MONOTONIC; null where the recording's clock is another, so that the code
    /// that came last is found.</param>
    /// <returns>Index in <see cref="Profile.JitCodes"/>; <see cref="JitCodeTable.None"/> where the jitdump has nothing.</returns>
    public int Find(int module, ulong address, ulong? time)
    {
        var dump = DumpOf(module);
        if (dump is null)
        {
            return JitCodeTable.None;
        }

        // Without a time every one is as good.
        ulong moment = time ?? 0;
        ref var answer = ref _answers[((address ^ (ulong)module << 48) * HashFactor) >> (64 - AnswerBits)];
        if (answer.Address == address && answer.Module == module && answer.Generation == dump.Generation
            && moment - answer.From < answer.Until - answer.From)
        {
            return answer.Code;
        }

        int block = dump.Find(address, time, out ulong until);
        if (block < 0)
        {
            return JitCodeTable.None; // the file may have grown when it is asked for again
        }

        int code = profile.JitCodes.Intern(new JitCode(module, block));
        answer = new Answer(address, module, dump.Generation, code, moment, until);
        return code;
    }

    /// <summary>Takes note that an address was met in memory for jitted code of which no jitdump tells.</summary>
    /// <param name="module">The jitdump that should have.</param>
    /// <param name="address">Virtual address.</param>
    public void AddMissed(int module, ulong address)
    {
        var missed = _slots[module].Missed;
        if (missed.Count < MaximumMissed)
        {
            missed.Add(address);
        }
    }

    /// <summary>A jitdump with nothing but the code that was found, to be embedded into the recording; empty if none was.</summary>
    /// <param name="module">Index of the jitdump in the profile's module table.</param>
    public ReadOnlyMemory<byte> ToEmbed(int module)
    {
        var blocks = new List<int>();
        for (int code = JitCodeTable.None + 1; code < profile.JitCodes.Count; code++)
        {
            if (profile.JitCodes[code] is var found && found.Module == module)
            {
                blocks.Add(found.Block);
            }
        }

        return blocks.Count == 0 ? default : DumpOf(module)!.Extract(blocks);
    }

    /// <summary>Where code that was found lies and since when.</summary>
    public JitCodeBlock BlockOf(int code) => OwnerOf(code, out int block)[block];

    /// <summary>The name of code that was found, as the runtime wrote it.</summary>
    public string NameOf(int code) => OwnerOf(code, out int block).NameOf(block);

    /// <summary>The source line of an address in code that was found; null if the runtime told none.</summary>
    public SourceLine? LineOf(int code, ulong address) => OwnerOf(code, out int block).LineOf(block, address);

    /// <summary>Reads the unwind information of code that was found; null if the runtime wrote none that can be read.</summary>
    public JitUnwinding? UnwindingOf(int code) => OwnerOf(code, out int block).UnwindingOf(block);

    /// <summary>True if no other code is known to have lain at an address, or to lie there later.</summary>
    /// <param name="code">The code that was found there.</param>
    /// <param name="address">The address.</param>
    public bool IsOnly(int code, ulong address) => OwnerOf(code, out int block).IsOnly(block, address);

    /// <summary>Reads on at once in a jitdump whose process is over: look-ups that find nothing do so from time to time.</summary>
    public void ReadMore(int module) => DumpOf(module)?.ReadMore();

    /// <summary>Blocks of a jitdump that are known so far: none before the first look-up.</summary>
    public int CountOf(int module) => module < _slots.Count ? _slots[module].Dump?.Count ?? 0 : 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in _openFiles)
        {
            file.Close();
        }

        _openFiles.Clear();
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
        if (slot.Dump is null && Environment.TickCount64 is var now && now >= slot.NextTry)
        {
            slot.Path = profile.Modules[module].Path;
            slot.Dump = Open(profile.Modules[module], out string? problem);
            slot.Problem = problem;
            slot.NextTry = now + Pause;
        }

        return slot.Dump;
    }

    /// <summary>Opens a jitdump, or says why it is not read.</summary>
    private JitDump? Open(Module module, out string? problem)
    {
        problem = null;
        if (embedded?.FileOf(module.Path, module.Pid) is { } file)
        {
            return new JitDump(file);
        }

        // A process in a container sees other files at the path.
        return (ProcessNamespaces.RootOf(module.Pid) is { } root ? TryOpen(root + module.Path, module.Pid, out problem) : null)
            ?? TryOpen(module.Path, module.Pid, out problem);
    }

    private JitDump? TryOpen(string path, int pid, out string? problem)
    {
        problem = null;
        if (_dumps.TryGetValue(path, out var known))
        {
            return known; // of a process that inherited the mapping
        }

        try
        {
            var dump = new JitDump(new JitDumpFile(path, pid, options.RecordingOwner, OnOpened));
            _dumps.Add(path, dump);
            return dump;
        }
        catch (ParseException e)
        {
            problem = e.Problem;
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = e.Message;
            return null;
        }
    }

    private void OnOpened(JitDumpFile file)
    {
        if (_openFiles.Count == MaximumOpenFiles)
        {
            _openFiles.Dequeue().Close();
        }

        _openFiles.Enqueue(file);
    }

    /// <summary>An answer of <see cref="Find"/>: it holds for times from <paramref name="From"/> to before
    /// <paramref name="Until"/>.</summary>
    private readonly record struct Answer(ulong Address, int Module, int Generation, int Code, ulong From, ulong Until);

    private sealed class Slot
    {
        public JitDump? Dump { get; set; }

        /// <summary>Where it lies, as its process saw it.</summary>
        public string Path { get; set; } = "";

        /// <summary>Why there is none.</summary>
        public string? Problem { get; set; }

        /// <summary>Why the process's code is not all known.</summary>
        public string? Fault => Dump is null ? Problem : Dump.Fault;

        /// <summary>Sampled addresses that nothing tells of.</summary>
        public HashSet<ulong> Missed { get; } = [];

        /// <summary>When it may be tried again; milliseconds of <see cref="Environment.TickCount64"/>.</summary>
        public long NextTry { get; set; }
    }
}
