using System.Runtime.CompilerServices;

namespace Viperf.Core.Unwinding;

/// <summary>The registers of one frame, by their DWARF numbers, as far as they are known.</summary>
public struct RegisterFile
{
    /// <summary>Numbers below it have a place: those of x86-64 and aarch64 that unwinding takes.</summary>
    public const int Count = Formats.Dwarf.CfiRow.RegisterCount;

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

    [InlineArray(Count)]
    private struct Values
    {
        private ulong _first;
    }
}
