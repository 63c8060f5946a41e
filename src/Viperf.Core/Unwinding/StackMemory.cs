using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Viperf.Core.Profiles;

namespace Viperf.Core.Unwinding;

/// <summary>The copy of a stack's top.</summary>
/// <param name="start">Virtual address of the first byte: the stack pointer.</param>
/// <param name="bytes">The bytes.</param>
/// <param name="isCut">True if the stack may go on behind them.</param>
public readonly ref struct StackMemory(ulong start, ReadOnlySpan<byte> bytes, bool isCut)
{
    /// <summary>What lies farther behind the copy is on another stack, and no longer copy would have it: 256 MiB.</summary>
    private const ulong Farthest = 1UL << 28;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Virtual address of the first byte.</summary>
    public ulong Start { get; } = start;

    /// <summary>Virtual address behind the last byte.</summary>
    public ulong End => Start + (ulong)_bytes.Length;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Reads 8 bytes; false where they are not in the copy.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(ulong address, out ulong value)
    {
        ulong offset = address - Start;
        if (_bytes.Length < sizeof(ulong) || offset > (ulong)(_bytes.Length - sizeof(ulong)))
        {
            value = 0;
            return false;
        }

        value = BinaryPrimitives.ReadUInt64LittleEndian(_bytes[(int)offset..]);
        return true;
    }

    /// <summary>Why an address could not be read.</summary>
    public StackEnd WhyNot(ulong address)
    {
        ulong offset = address - Start;
        ulong length = (ulong)_bytes.Length;
        return isCut && offset < length + Farthest && offset + sizeof(ulong) > length
            ? StackEnd.CutByDump
            : StackEnd.UnreadableStack;
    }
}
