namespace Viperf.Formats.Dwarf;

/// <summary>
/// The frame that rules are applied to. Implement it as a struct: the methods below then are called directly, and
/// inlined.
/// </summary>
public interface IUnwindContext
{
    /// <summary>A register of the frame, by its DWARF number; false where its value is not known.</summary>
    bool TryGetRegister(int register, out ulong value);

    /// <summary>
    /// Reads a little-endian number of 1 to 8 bytes from the process's memory; false where nobody kept it, as behind
    /// the end of a sample's stack dump.
    /// </summary>
    bool TryRead(ulong address, int size, out ulong value);
}
