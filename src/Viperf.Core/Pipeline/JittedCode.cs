using System.Diagnostics;
using System.Runtime.InteropServices;
using Viperf.Core.Linux;
using Viperf.Core.Processes;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Core.Unwinding;
using Viperf.Formats.Bytes;
using Viperf.Formats.Dwarf;
using Viperf.Formats.Elf;

namespace Viperf.Core.Pipeline;

/// <summary>
/// What the unwinder can know of generated code: its bounds and call frame information from jitdumps, its bounds from the
/// perf map, and its bytes from the process, while that runs.
/// </summary>
/// <param name="profile">Whose modules the mappings name.</param>
/// <param name="machine">The processor that the recording was made on.</param>
/// <param name="dumps">The processes' jitdumps.</param>
/// <param name="options">What the recording says.</param>
/// <param name="isLive">True if the processes may still run: then their memory says more than perf maps, which still grow.</param>
/// <param name="warn">Takes what cannot be read, a line each.</param>
internal sealed class JittedCode(
    Profile profile, ElfMachine machine, JitDumps dumps, SymbolizerOptions options, bool isLive, Action<string> warn)
{
    /// <summary>Bytes of call frame information that are kept: that of CPython's trampolines has 56 each.</summary>
    private const int MostKeptBytes = 1 << 26;

    /// <summary>How long a perf map that may grow is used before it is read again; half a second.</summary>
    private static readonly long s_mapLifetime = Stopwatch.Frequency / 2;

    /// <summary>The unwinder asks for words of stacks too, of which most are no addresses of code.</summary>
    private readonly JitCodeFinder _finder = new(dumps, countsMissed: false);

    /// <summary>By index in <see cref="Profile.JitCodes"/>; null for code without call frame information.</summary>
    private readonly Dictionary<int, UnwindTable?> _tables = [];

    /// <summary>Bytes of call frame information in <see cref="_tables"/>.</summary>
    private int _keptBytes;

    /// <summary>By running process: blocks that were known of its jitdumps.</summary>
    private readonly Dictionary<int, int> _blocks = [];

    /// <summary>Processes that are over and whose jitdumps were read to the end.</summary>
    private readonly HashSet<ProcessState> _readToTheEnd = [];

    /// <summary>Perf maps by index of the module.</summary>
    private readonly Dictionary<int, (SymbolTable Map, long ReadAt)> _maps = [];

    /// <summary>The code at an address.</summary>
    /// <param name="process">The process.</param>
    /// <param name="module">Index of the module that the address lies in.</param>
    /// <param name="address">The address.</param>
    /// <param name="time">Nanoseconds of CLOCK_MONOTONIC; null where the recording's clock is another.</param>
    public CodeRegion Find(ProcessState process, int module, ulong address, ulong? time)
    {
        int code = process.JitDumps.IsEmpty ? JitCodeTable.None : _finder.Find(process, address, time);
        if (code == JitCodeTable.None && isLive && !process.JitDumps.IsEmpty && ReadTheLast(process, address))
        {
            code = _finder.Find(process, address, time);
        }

        return code != JitCodeTable.None ? FromDump(code, address) : FromMap(process, module, address);
    }

    /// <summary>Reads what a process wrote to its jitdumps at its end, once; false while it runs.</summary>
    private bool ReadTheLast(ProcessState process, ulong address)
    {
        if (ProcessMemory.TryRead(process.Pid, address, stackalloc byte[1]) || !_readToTheEnd.Add(process))
        {
            return false;
        }

        foreach (var dump in process.JitDumps)
        {
            dumps.ReadMore(dump.Module);
        }

        return true;
    }

    /// <summary>Takes note of what a running process has generated since the last time.</summary>
    public void Enter(ProcessState process)
    {
        if (!isLive || process.JitDumps.IsEmpty)
        {
            return;
        }

        int blocks = 0;
        foreach (var dump in process.JitDumps)
        {
            blocks += dumps.CountOf(dump.Module);
        }

        ref int before = ref CollectionsMarshal.GetValueRefOrAddDefault(_blocks, process.Pid, out _);
        if (before != blocks)
        {
            before = blocks;
            process.Memory.Touch();
        }
    }

    /// <summary>Copies code from a process that still runs; false where that cannot be.</summary>
    public bool TryRead(ProcessState process, ulong address, Span<byte> code) =>
        isLive && ProcessMemory.TryRead(process.Pid, address, code);

    private CodeRegion FromDump(int code, ulong address)
    {
        if (!_tables.TryGetValue(code, out var table))
        {
            var unwinding = dumps.UnwindingOf(code);
            table = unwinding is null ? null : ReadTable(unwinding);
            int bytes = unwinding?.EhFrame.Length ?? 0;
            if (bytes > MostKeptBytes - _keptBytes)
            {
                _tables.Clear();
                _keptBytes = 0;
            }

            _tables.Add(code, table);
            _keptBytes += bytes;
        }

        var block = dumps.BlockOf(code);
        return new CodeRegion(table, 0, IsJitted: true, block.Start, block.Size, IsLasting: dumps.IsOnly(code, address));
    }

    private UnwindTable? ReadTable(JitUnwinding unwinding)
    {
        try
        {
            const string source = "unwind information of a jitdump";
            return new UnwindTable(CfiTable.Open(new CfiSection(
                unwinding.EhFrame, unwinding.Address, CfiSectionKind.EhFrame, machine, Is64Bit: true, source)));
        }
        catch (ParseException problem)
        {
            warn(problem.Message);
            return null;
        }
    }

    private CodeRegion FromMap(ProcessState process, int module, ulong address)
    {
        // Of a process that is over, only a jitdump knows what lay there at other times.
        var unknown = new CodeRegion(null, 0, IsJitted: true, IsLasting: !isLive && process.JitDumps.IsEmpty);
        if (isLive && ProcessMemory.TryRead(process.Pid, address, stackalloc byte[1]))
        {
            return unknown; // its bytes say more than a map that still grows
        }

        var map = MapOf(module);
        int symbol = map.Find(address);
        if (symbol < 0)
        {
            return unknown;
        }

        ulong start = map.StartOf(symbol);
        return unknown with { FunctionStart = start, FunctionSize = (uint)Math.Min(map.EndOf(symbol) - start, uint.MaxValue) };
    }

    /// <summary>
    /// A module's perf map. Live it is asked for when a process is over, or may not be read; then it may grow, and is read
    /// again from time to time.
    /// </summary>
    private SymbolTable MapOf(int module)
    {
        long now = isLive ? Stopwatch.GetTimestamp() : 0;
        if (!_maps.TryGetValue(module, out var known) || now - known.ReadAt > s_mapLifetime)
        {
            known = (PerfMapSymbols.Load(profile.Modules[module], options, warn), now);
            _maps[module] = known;
        }

        return known.Map;
    }
}
