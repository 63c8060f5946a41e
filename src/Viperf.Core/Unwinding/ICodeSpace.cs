namespace Viperf.Core.Unwinding;

/// <summary>
/// What the unwinder asks about the code of one process at the present moment of the recording. Implementations know the
/// mappings and open the files; the unwinder does neither.
/// </summary>
public interface ICodeSpace
{
    /// <summary>
    /// A number for what lies where: another one after every change, and no two address spaces with different contents
    /// share one.
    /// </summary>
    uint Generation { get; }

    /// <summary>Finds what lies at a virtual address; false where no code does.</summary>
    bool TryFind(ulong address, out CodeRegion region);

    /// <summary>Copies machine code from a virtual address; false where nobody kept it.</summary>
    bool TryReadCode(ulong address, Span<byte> code);
}

/// <summary>Code that is unwound by one table, or by none.</summary>
/// <param name="Table">The call frame information; null where there is none.</param>
/// <param name="Bias">What to subtract from a virtual address to get the table's own; wraps around.</param>
/// <param name="IsJitted">True for code that was generated at run time.</param>
/// <param name="FunctionStart">Virtual address of the generated function; 0 where it is not known.</param>
/// <param name="FunctionSize">Bytes of the generated function.</param>
/// <param name="IsLasting">False if other code may lie there, or more may be known of it, before <see
/// cref="ICodeSpace.Generation"/> changes.</param>
public readonly record struct CodeRegion(
    UnwindTable? Table,
    ulong Bias,
    bool IsJitted = false,
    ulong FunctionStart = 0,
    uint FunctionSize = 0,
    bool IsLasting = true);
