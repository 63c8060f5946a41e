using System.Buffers.Binary;
using Viperf.Formats.Dwarf;

namespace Viperf.Core.Unwinding;

/// <summary>
/// One frame for rules that are evaluated a row at a time. The pointers must stay valid as long as this is used: it has no
/// spans since expressions take it by reference.
/// </summary>
internal unsafe struct FrameContext(RegisterFile* registers, ulong stackStart, byte* stack, int stackBytes) : IUnwindContext
{
    /// <summary>The address that could not be read last; 0 if all could.</summary>
    public ulong Unread { get; private set; }

    /// <summary>The same, and from now on none.</summary>
    public ulong TakeUnread()
    {
        ulong unread = Unread;
        Unread = 0;
        return unread;
    }

    public readonly bool TryGetRegister(int register, out ulong value) => registers->TryGet(register, out value);

    public bool TryRead(ulong address, int size, out ulong value)
    {
        ulong offset = address - stackStart;
        value = 0;
        if (offset >= (ulong)stackBytes || size > stackBytes - (int)offset)
        {
            Unread = address;
            return false;
        }

        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bytes.Clear();
        new ReadOnlySpan<byte>(stack + offset, size).CopyTo(bytes);
        value = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return true;
    }
}
