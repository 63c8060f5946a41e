using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Viperf.Agent.Linux;

/// <summary>
/// The functions that the library's own of the same names stand before, found in the loaded libraries' hash tables: <c>dlsym</c>
/// would find them too (RTLD_NEXT), but before glibc 2.34 most programs have none, and every one that is preloaded needs these.
/// </summary>
internal static unsafe class NextSymbol
{
    private const int PT_LOAD = 1;
    private const int PT_DYNAMIC = 2;

    private const long DT_HASH = 4;
    private const long DT_STRTAB = 5;
    private const long DT_SYMTAB = 6;
    private const long DT_GNU_HASH = 0x6fff_fef5;
    private const long DT_VERSYM = 0x6fff_fff0;

    /// <summary>Bit of a symbol's version: only for programs that were linked when it was the newest.</summary>
    private const ushort HiddenVersion = 0x8000;

    private const int STT_FUNC = 2;

    /// <summary>Looks a function up, unless that was done.</summary>
    /// <param name="place">Where it is kept; null if there is none.</param>
    /// <param name="name">With a zero byte behind it.</param>
    public static void* Resolve(ref void* place, System.ReadOnlySpan<byte> name)
    {
        if (place == null)
        {
            place = Find(name.Pointer);
        }

        return place;
    }

    /// <summary>A function of the first library behind this one that has it; null if there is none.</summary>
    private static void* Find(byte* name)
    {
        Search search = new() { Name = name };
        _ = ForEachLibrary(&LookInto, &search);
        return search.Found;
    }

    [UnmanagedCallersOnly]
    private static int LookInto(Library* library, nuint size, Search* search)
    {
        Entry* dynamic = null;
        nuint own = (nuint)(delegate* unmanaged<Library*, nuint, Search*, int>)&LookInto;
        bool isThis = false;
        for (int i = 0; i < library->SegmentCount; i++)
        {
            Segment* segment = library->Segments + i;
            isThis |= segment->Type == PT_LOAD && own - (library->Base + segment->Address) < segment->Size;
            dynamic = segment->Type == PT_DYNAMIC ? (Entry*)(library->Base + segment->Address) : dynamic;
        }

        if (!search->IsBehind || isThis || dynamic == null)
        {
            search->IsBehind |= isThis;
            return 0;
        }

        Tables tables = default;
        for (Entry* entry = dynamic; entry->Tag != 0; entry++)
        {
            // glibc makes addresses of these numbers when it loads a library, musl leaves them as they are.
            void* address = (void*)(entry->Value < library->Base ? entry->Value + library->Base : entry->Value);
            switch (entry->Tag)
            {
                case DT_HASH: tables.Hash = (uint*)address; break;
                case DT_STRTAB: tables.Names = (byte*)address; break;
                case DT_SYMTAB: tables.Symbols = (Symbol*)address; break;
                case DT_GNU_HASH: tables.GnuHash = (uint*)address; break;
                case DT_VERSYM: tables.Versions = (ushort*)address; break;
            }
        }

        Symbol* symbol = tables.Symbols == null || tables.Names == null ? null
            : tables.GnuHash != null ? FindByGnuHash(tables, search->Name)
            : tables.Hash != null ? FindByHash(tables, search->Name) : null;
        search->Found = symbol == null ? null : (void*)(library->Base + symbol->Value);
        return symbol == null ? 0 : 1;
    }

    /// <summary>The table of <c>DT_GNU_HASH</c>: four numbers, a Bloom filter, buckets, and the hashes of each bucket's symbols.</summary>
    private static Symbol* FindByGnuHash(Tables tables, byte* name)
    {
        uint hash = 5381;
        for (byte* at = name; *at != 0; at++)
        {
            hash = (hash * 33) + *at;
        }

        uint bucketCount = tables.GnuHash[0];
        uint firstSymbol = tables.GnuHash[1];
        uint* buckets = tables.GnuHash + 4 + (tables.GnuHash[2] * 2);
        uint index = bucketCount == 0 ? 0 : buckets[Remainder(hash, bucketCount)];
        if (index < firstSymbol)
        {
            return null;
        }

        for (uint* chain = buckets + bucketCount - firstSymbol; ; index++)
        {
            if ((chain[index] | 1) == (hash | 1) && IsNamed(tables, index, name))
            {
                return tables.Symbols + index;
            }

            if ((chain[index] & 1) != 0)
            {
                return null; // the bucket's last
            }
        }
    }

    /// <summary>What <c>%</c> is; of a variable, on arm64, it would need an exception.</summary>
    private static uint Remainder(uint dividend, uint divisor)
    {
        ulong rest = dividend;
        for (int shift = 31; shift >= 0; shift--)
        {
            ulong part = (ulong)divisor << shift;
            rest -= rest >= part ? part : 0;
        }

        return (uint)rest;
    }

    /// <summary>The table of <c>DT_HASH</c> (System V ABI, Hash Table): its second number is that of symbols.</summary>
    private static Symbol* FindByHash(Tables tables, byte* name)
    {
        for (uint i = 1; i < tables.Hash[1]; i++)
        {
            if (IsNamed(tables, i, name))
            {
                return tables.Symbols + i;
            }
        }

        return null;
    }

    private static bool IsNamed(Tables tables, uint index, byte* name)
    {
        Symbol* symbol = tables.Symbols + index;
        if (symbol->Section == 0 || (symbol->Info & 0xf) != STT_FUNC
            || (tables.Versions != null && (tables.Versions[index] & HiddenVersion) != 0))
        {
            return false;
        }

        byte* own = tables.Names + symbol->Name;
        while (*own == *name && *own != 0)
        {
            own++;
            name++;
        }

        return *own == *name;
    }

    /// <summary><c>dl_iterate_phdr</c>, which every C library has.</summary>
    [RuntimeImport("viperf_for_each_library")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern int ForEachLibrary(delegate* unmanaged<Library*, nuint, Search*, int> visit, Search* search);

    /// <summary>What is looked for, and where the search stands.</summary>
    private struct Search
    {
        public byte* Name;
        public bool IsBehind;
        public void* Found;
    }

    /// <summary>A library's tables; null where it has none.</summary>
    private struct Tables
    {
        public Symbol* Symbols;
        public byte* Names;
        public ushort* Versions;
        public uint* GnuHash;
        public uint* Hash;
    }

    /// <summary><c>struct dl_phdr_info</c>, as far as it is looked at.</summary>
    private struct Library
    {
        public nuint Base;
        public byte* Name;
        public Segment* Segments;
        public ushort SegmentCount;
    }

    /// <summary><c>Elf64_Phdr</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 56)]
    private struct Segment
    {
        [FieldOffset(0)]
        public int Type;

        [FieldOffset(16)]
        public nuint Address;

        [FieldOffset(40)]
        public nuint Size;
    }

    /// <summary><c>Elf64_Dyn</c>.</summary>
    private struct Entry
    {
        public long Tag;
        public nuint Value;
    }

    /// <summary><c>Elf64_Sym</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 24)]
    private struct Symbol
    {
        [FieldOffset(0)]
        public uint Name;

        [FieldOffset(4)]
        public byte Info;

        [FieldOffset(6)]
        public ushort Section;

        [FieldOffset(8)]
        public nuint Value;
    }
}
