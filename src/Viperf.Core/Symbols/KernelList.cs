namespace Viperf.Core.Symbols;

/// <summary>A kernel's symbols, and the text that they were read from.</summary>
/// <param name="Table">The symbols by the list's own addresses.</param>
/// <param name="Text">The list; empty if there is none.</param>
internal sealed record KernelList(SymbolTable Table, ReadOnlyMemory<byte> Text)
{
    /// <summary>
    /// The symbols by the addresses that they had when the recording was made: a kernel lies elsewhere after each start, if it
    /// was built so (KASLR), and the recording says where one of its symbols lay.
    /// </summary>
    /// <param name="reference">That symbol; null where the recording does not say.</param>
    public SymbolTable At((string Symbol, ulong Address)? reference) =>
        reference is { } recorded && KernelSymbols.AddressOf(Text.Span, recorded.Symbol) is { } listed && listed != recorded.Address
            ? KernelSymbols.Parse(Text, out _, recorded.Address - listed)
            : Table;
}
