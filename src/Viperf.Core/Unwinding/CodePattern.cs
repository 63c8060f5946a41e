namespace Viperf.Core.Unwinding;

/// <summary>Known machine code.</summary>
internal static class CodePattern
{
    /// <summary>Finds the place at which a pattern lies over a byte of code.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="code">The code around the byte.</param>
    /// <param name="index">The byte's index.</param>
    /// <param name="offset">The byte's offset in the pattern.</param>
    /// <param name="size">Bytes of the pattern.</param>
    public static bool TryFind(
        ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> code, int index, out ulong offset, out uint size)
    {
        size = (uint)pattern.Length;
        for (int before = 0; before < pattern.Length && before <= index; before++)
        {
            if (code[(index - before)..].StartsWith(pattern))
            {
                offset = (ulong)before;
                return true;
            }
        }

        offset = 0;
        return false;
    }
}
