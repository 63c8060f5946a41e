using System.Buffers.Binary;
using Viperf.Formats.Dwarf;

namespace Viperf.Tests.Dwarf;

/// <summary>A frame with the registers and the memory that a test gives it, for expressions and rules.</summary>
internal readonly struct FakeFrame(ulong[] registers, ulong memoryStart, byte[] memory) : IUnwindContext
{
    public bool TryGetRegister(int register, out ulong value)
    {
        bool isKnown = (uint)register < (uint)registers.Length;
        value = isKnown ? registers[register] : 0;
        return isKnown;
    }

    public bool TryRead(ulong address, int size, out ulong value)
    {
        value = 0;
        ulong offset = address - memoryStart;
        if (offset > (ulong)memory.Length || (ulong)size > (ulong)memory.Length - offset)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bytes.Clear();
        memory.AsSpan((int)offset, size).CopyTo(bytes);
        value = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return true;
    }
}
