using System.Buffers.Binary;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.Elf;

/// <summary>One stub of a procedure linkage table: the few instructions that jump to a function of another file.</summary>
/// <param name="Address">Virtual address of its first instruction.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Symbol">Index of the function's symbol in <c>.dynsym</c>.</param>
public readonly record struct PltStub(ulong Address, uint Size, uint Symbol);

/// <summary>
/// Names the stubs of x86-64 files, which have no symbols of their own. The instructions are read instead of counted:
/// a stub jumps through a slot of the global offset table, and the slot's relocation names the function. That holds
/// for <c>.plt</c>, <c>.plt.sec</c> and <c>.plt.got</c> of every linker.
/// </summary>
public static class ElfPlt
{
    private const int RelocationSize = 24; // Elf64_Rela
    private const int LazyStubSize = 16;

    /// <summary>The stubs that can be named, in the order of their sections; none for other processors.</summary>
    public static List<PltStub> Read(ElfFile file)
    {
        List<PltStub> stubs = [];
        if (file.Machine != ElfMachine.EM_X86_64 || !file.Is64Bit)
        {
            return stubs;
        }

        Dictionary<ulong, uint> symbolOfSlot = [];
        var lazy = AddRelocations(file, ".rela.plt"u8, symbolOfSlot);
        AddRelocations(file, ".rela.dyn"u8, symbolOfSlot);
        if (symbolOfSlot.Count == 0)
        {
            return stubs;
        }

        AddStubs(file, ".plt"u8, LazyStubSize, symbolOfSlot, lazy, stubs);
        AddStubs(file, ".plt.sec"u8, LazyStubSize, symbolOfSlot, lazy, stubs);
        AddStubs(file, ".plt.got"u8, 0, symbolOfSlot, lazy, stubs);
        return stubs;
    }

    /// <summary>Fills in which symbol each slot stands for; returns the symbols in the section's order.</summary>
    private static uint[] AddRelocations(ElfFile file, ReadOnlySpan<byte> name, Dictionary<ulong, uint> symbolOfSlot)
    {
        if (file.FindSection(name) is not { } section)
        {
            return [];
        }

        var bytes = file.ReadSection(section).Span;
        if (bytes.Length / RelocationSize > Limits.Symbols)
        {
            ParseException.Throw($"more than {Limits.Symbols} relocations", file.Name, section.Offset);
        }

        var symbols = new uint[bytes.Length / RelocationSize];
        for (int i = 0; i < symbols.Length; i++)
        {
            var relocation = bytes.Slice(i * RelocationSize, RelocationSize);
            uint symbol = BinaryPrimitives.ReadUInt32LittleEndian(relocation[12..]); // the high half of r_info
            symbols[i] = symbol;
            if (symbol != 0)
            {
                symbolOfSlot[BinaryPrimitives.ReadUInt64LittleEndian(relocation)] = symbol;
            }
        }

        return symbols;
    }

    /// <param name="file">The file.</param>
    /// <param name="name">The section with the stubs.</param>
    /// <param name="stubSize">Bytes of one stub where the section header does not say.</param>
    /// <param name="symbolOfSlot">By the slot's virtual address.</param>
    /// <param name="lazy">Symbols of <c>.rela.plt</c>, which lazy stubs push the index of.</param>
    /// <param name="stubs">Where they go.</param>
    private static void AddStubs(
        ElfFile file, ReadOnlySpan<byte> name, int stubSize, Dictionary<ulong, uint> symbolOfSlot, uint[] lazy, List<PltStub> stubs)
    {
        if (file.FindSection(name) is not { } section)
        {
            return;
        }

        int size = section.EntrySize is 8 or 16 ? (int)section.EntrySize : stubSize != 0 ? stubSize : 8;
        var code = file.ReadSection(section).Span;
        for (int at = 0; at + size <= code.Length; at += size)
        {
            var stub = code.Slice(at, size);
            ulong address = section.Address + (ulong)at;
            uint symbol = 0;
            if (TryGetSlot(stub, address, out ulong slot))
            {
                symbolOfSlot.TryGetValue(slot, out symbol);
            }
            else if (TryGetPushedIndex(stub, out uint index) && index < (uint)lazy.Length)
            {
                symbol = lazy[index];
            }

            if (symbol != 0)
            {
                stubs.Add(new PltStub(address, (uint)size, symbol));
            }
        }
    }

    /// <summary><c>[endbr64;] [bnd] jmp *displacement(%rip)</c>: where the slot lies.</summary>
    private static bool TryGetSlot(ReadOnlySpan<byte> stub, ulong address, out ulong slot)
    {
        int at = SkipPrefixes(stub);
        if (stub.Length - at >= 6 && stub[at] == 0xff && stub[at + 1] == 0x25)
        {
            long displacement = BinaryPrimitives.ReadInt32LittleEndian(stub[(at + 2)..]);
            slot = address + (ulong)(at + 6) + (ulong)displacement;
            return true;
        }

        slot = 0;
        return false;
    }

    /// <summary><c>[endbr64;] push $index</c>: the lazy half of a stub whose jump is in <c>.plt.sec</c>.</summary>
    private static bool TryGetPushedIndex(ReadOnlySpan<byte> stub, out uint index)
    {
        int at = SkipPrefixes(stub);
        if (stub.Length - at >= 5 && stub[at] == 0x68)
        {
            index = BinaryPrimitives.ReadUInt32LittleEndian(stub[(at + 1)..]);
            return true;
        }

        index = 0;
        return false;
    }

    private static int SkipPrefixes(ReadOnlySpan<byte> stub)
    {
        ReadOnlySpan<byte> endbr64 = [0xf3, 0x0f, 0x1e, 0xfa];
        int at = stub.StartsWith(endbr64) ? endbr64.Length : 0;
        return at < stub.Length && stub[at] == 0xf2 ? at + 1 : at;
    }
}
