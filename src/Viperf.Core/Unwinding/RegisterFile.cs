using System.Runtime.CompilerServices;
using Viperf.Formats.Dwarf;

namespace Viperf.Core.Unwinding;

/// <summary>The registers of one frame, by their DWARF numbers, as far as they are known.</summary>
public struct RegisterFile
{
    /// <summary>Numbers below it have a place: those of x86-64 and aarch64 that unwinding takes.</summary>
    public const int Count = CfiRow.RegisterCount;

    private Values _values;

    /// <summary>A bit for each register whose value is known.</summary>
    private ulong _known;

    /// <summary>The value of a register; of no meaning where it is not known.</summary>
    public readonly ulong this[int register] => _values[register];

    /// <summary>True if the value is known.</summary>
    public readonly bool Knows(int register) => (_known >> register & 1) != 0;

    /// <summary>A register's value; false where it is not known, or has no place here.</summary>
    public readonly bool TryGet(int register, out ulong value)
    {
        if ((uint)register < Count && Knows(register))
        {
            value = _values[register];
            return true;
        }

        value = 0;
        return false;
    }

    /// <summary>Gives a register a value.</summary>
    public void Set(int register, ulong value)
    {
        _values[register] = value;
        _known |= 1UL << register;
    }

    /// <summary>A register's value is lost.</summary>
    public void Forget(int register) => _known &= ~(1UL << register);

    /// <summary>Gives the registers that a function saved the values that its caller left in them.</summary>
    /// <param name="rule">Where they are saved.</param>
    /// <param name="preserved">The registers that the rule knows (<see cref="UnwindRule.PreservedRegisters"/>).</param>
    /// <param name="cfa">The frame's canonical frame address.</param>
    /// <param name="stackPointer">The frame's stack pointer: what lies below it was popped already, and is in its
    /// register.</param>
    /// <param name="stack">The stack.</param>
    public void Restore(
        in UnwindRule rule, ReadOnlySpan<byte> preserved, ulong cfa, ulong stackPointer, in StackMemory stack)
    {
        for (int i = 0; i < preserved.Length && rule.SavesRegisters; i++)
        {
            int below = rule.SavedBelowCfa(i);
            if (below == 0)
            {
                continue;
            }

            ulong place = cfa - (ulong)below;
            if (stack.TryRead(place, out ulong value))
            {
                Set(preserved[i], value);
            }
            else if (place >= stackPointer)
            {
                Forget(preserved[i]);
            }
        }
    }

    [InlineArray(Count)]
    private struct Values
    {
        private ulong _first;
    }
}
