using Viperf.Abi;
using Viperf.Agent.Linux;

namespace Viperf.Agent.Capture;

/// <summary>
/// The numbers of code objects that were met and are still alive. Handlers of any number of threads look them up and add to
/// them at once; only the interpreter removes them, when code dies, which is on nobody's stack then.
/// </summary>
/// <remarks>
/// A hash table of places. A place's number changes each time that code dies there, so that no two code objects have the same.
/// In a forked child the table is empty: what its parent wrote down, it told another ring.
/// </remarks>
internal readonly unsafe struct KnownCode
{
    private const int IndexBits = CaptureCode.PlaceBits;
    private const int Places = 1 << IndexBits;

    /// <summary>Places that are looked at for one code object.</summary>
    private const int MostProbes = 32;

    private const ulong Empty = 0;

    /// <summary>What stands where code was that died: another may take the place, and search goes on behind it.</summary>
    private const ulong Dead = 1;

    /// <summary>Places that were used so often that their numbers are used up stay dead for ever.</summary>
    private const uint LastGeneration = 0xffff;

    private readonly Place* _places;

    private KnownCode(Place* places)
    {
        _places = places;
    }

    /// <summary>Makes an empty table; its memory is taken as it is used.</summary>
    public static bool TryCreate(out KnownCode table)
    {
        nuint bytes = (nuint)(Places * sizeof(Place));
        table = new KnownCode((Place*)Syscall.MapMemory(bytes, Syscall.PROT_READ | Syscall.PROT_WRITE, out int error));
        if (error == 0)
        {
            _ = Syscall.AdviseMemory(table._places, bytes, Syscall.MADV_WIPEONFORK);
        }

        return error == 0;
    }

    /// <summary>
    /// Finds the place of code that is known, and so alive; null where it is not. What is asked for may be any number, the marks of
    /// free places too.
    /// </summary>
    public Place* Find(byte* code)
    {
        if ((ulong)code <= Dead)
        {
            return null;
        }

        uint start = Hash(code);
        for (uint i = 0; i < MostProbes; i++)
        {
            var place = _places + ((start + i) & (Places - 1));
            ulong there = place->Code;
            if (there == (ulong)code || there == Empty)
            {
                return there == Empty ? null : place;
            }
        }

        return null;
    }

    /// <summary>Finds or makes the place of a live code object; null where there is none left.</summary>
    public Place* FindOrAdd(byte* code)
    {
        uint start = Hash(code);
        while (true)
        {
            Place* free = null;
            for (uint i = 0; i < MostProbes; i++)
            {
                var place = _places + ((start + i) & (Places - 1));
                ulong there = place->Code;
                if (there == (ulong)code)
                {
                    return place;
                }

                if (free == null && there <= Dead && place->Generation < LastGeneration)
                {
                    free = place;
                }

                if (there == Empty)
                {
                    break;
                }
            }

            if (free == null)
            {
                return null;
            }

            ulong before = free->Code;
            if (before <= Dead && Atomic.CompareExchange(&free->Code, (ulong)code, before) == before)
            {
                return free;
            }
        }
    }

    /// <summary>The number of a place's code; never 0.</summary>
    public uint NumberOf(Place* place) => ((uint)place->Generation << IndexBits | (uint)(place - _places)) + 1;

    /// <summary>Forgets code that dies. The same code may have two places: two threads met it at once.</summary>
    public void Remove(void* code)
    {
        uint start = Hash((byte*)code);
        for (uint i = 0; i < MostProbes; i++)
        {
            var place = _places + ((start + i) & (Places - 1));
            ulong there = place->Code;
            if (there == Empty)
            {
                return;
            }

            if (there == (ulong)code)
            {
                place->Generation++;
                place->IsWritten = 0;
                Atomic.CompareExchange(&place->Code, Dead, (ulong)code);
            }
        }
    }

    private static uint Hash(byte* code) => (uint)((((ulong)code >> 4) * 0x9e37_79b9_7f4a_7c15) >> (64 - IndexBits));

    /// <summary>One code object.</summary>
    public struct Place
    {
        /// <summary>Its address, or <see cref="Empty"/> or <see cref="Dead"/>.</summary>
        public ulong Code;

        /// <summary>How many died here before.</summary>
        public uint Generation;

        /// <summary>Not 0 once the recorder knows it.</summary>
        public int IsWritten;
    }
}
