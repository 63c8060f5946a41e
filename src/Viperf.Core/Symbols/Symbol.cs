using System.Runtime.InteropServices;
using Viperf.Formats.Elf;

namespace Viperf.Core.Symbols;

/// <summary>
/// One symbol on its way into a <see cref="SymbolTable"/>. 32 bytes: a kernel has 120,000 of them.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Symbol
{
    /// <summary>First address, in the module's own terms.</summary>
    public ulong Start;

    /// <summary>First address behind it; equal to <see cref="Start"/> until its size is known.</summary>
    public ulong End;

    /// <summary>Of the name in the text with the number <see cref="Text"/>.</summary>
    public int NameOffset;

    /// <summary>Bytes of the name.</summary>
    public int NameLength;

    /// <summary>Which kernel module it belongs to, 0 for none: a symbol never reaches into another group.</summary>
    public ushort Group;

    /// <summary>Which of the table's texts holds the name.</summary>
    public byte Text;

    /// <summary>What it names.</summary>
    public ElfSymbolType Type;

    /// <summary>Local, global or weak.</summary>
    public ElfSymbolBinding Binding;
}
