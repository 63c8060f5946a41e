using System.Runtime.InteropServices;
using Viperf.Formats.Dwarf;

namespace Viperf.Core.Unwinding;

/// <summary>How the frame at an address is left for its caller's.</summary>
internal enum StepKind : byte
{
    /// <summary>By <see cref="Step.Rule"/>.</summary>
    Rule,

    /// <summary>By a whole row of call frame information, which is looked up each time.</summary>
    Row,

    /// <summary>As a trampoline of CPython's is that has not made its frame yet, or no longer has it.</summary>
    BareTrampoline,

    /// <summary>As a trampoline of CPython's is that has its frame.</summary>
    Trampoline,

    /// <summary>As a trampoline of viperf's agent is that has its frame at the frame pointer.</summary>
    LinkedTrampoline,

    /// <summary>By what the stack and the code look like: no call frame information covers it.</summary>
    Search,

    /// <summary>Not at all: it has no caller.</summary>
    Outermost,

    /// <summary>Nothing is known to lie there.</summary>
    Unmapped,
}

/// <summary>A slot of the cache; 32 bytes, two to a cache line.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Step
{
    /// <summary>The address that is looked up: of a return address the byte before.</summary>
    public ulong Address;

    /// <summary>What lay where when the slot was filled; 0 for an empty slot.</summary>
    public uint Generation;

    public StepKind Kind;

    /// <summary>For <see cref="StepKind.Rule"/>.</summary>
    public UnwindRule Rule;
}

/// <summary>
/// Steps by address and generation of the address space: each address has one slot, which the next address with the
/// same slot takes. Nothing has to be thrown away when mappings change.
/// </summary>
internal sealed class RuleCache
{
    /// <summary>128 KiB of slots: a Python program's hot return addresses are a few thousand.</summary>
    public const int SlotCount = 1 << SlotBits;

    private const int SlotBits = 12;

    /// <summary>2^64 divided by the golden ratio: spreads addresses that differ in few bits.</summary>
    private const ulong Spread = 0x9e3779b97f4a7c15;

    private readonly Step[] _slots = new Step[SlotCount];

    /// <summary>Frames whose step was there.</summary>
    public ulong Hits { get; private set; }

    /// <summary>Frames whose slot was empty.</summary>
    public ulong Misses { get; private set; }

    /// <summary>Frames whose slot another address had.</summary>
    public ulong Collisions { get; private set; }

    /// <summary>Frames whose slot was filled before the address space changed.</summary>
    public ulong Outdated { get; private set; }

    /// <summary>The slot of an address; true if it holds the step for it.</summary>
    public bool Find(ulong address, uint generation, out int slot)
    {
        slot = (int)((address ^ generation) * Spread >> (64 - SlotBits));
        ref readonly var step = ref _slots[slot];
        if (step.Address == address && step.Generation == generation)
        {
            Hits++;
            return true;
        }

        if (step.Generation == 0)
        {
            Misses++;
        }
        else if (step.Address == address)
        {
            Outdated++;
        }
        else
        {
            Collisions++;
        }

        return false;
    }

    /// <summary>The step in a slot.</summary>
    public ref Step this[int slot] => ref _slots[slot];
}
