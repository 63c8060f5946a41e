using System.Globalization;
using System.Numerics;
using Viperf.Core.Linux;

namespace Viperf.Core.Recording;

/// <summary>The size of a ring in pages: a power of two, as the kernel demands, without the page of its header.</summary>
public static class RingPages
{
    /// <summary>1 GiB of 4 KiB pages; more than any mlock limit gives.</summary>
    private const long Most = 1 << 18;

    /// <summary>Samples with stack dumps that a ring should hold: what one CPU brings in a tenth of a second at most.</summary>
    private const long DumpsInRing = 1024;

    /// <summary>Bytes of all rings together at most, where nobody asked for a size.</summary>
    private const long MostBytesTogether = 1 << 28;

    /// <summary>What a ring should hold at least of each second's samples: viperf may have to wait so long for a CPU.</summary>
    private const double LeastSeconds = 0.016;

    /// <summary>Smaller dumps hold few callers.</summary>
    private const uint SmallestDump = 4096;

    /// <summary>Reads the value of <c>-m</c>: pages, or bytes with one of the units B, K, M and G.</summary>
    /// <param name="text">As it was given.</param>
    /// <param name="pageSize">The system's page size in bytes.</param>
    /// <param name="rounded">True if the value had to be made larger to become a power of two.</param>
    /// <exception cref="UserErrorException">It is not a size, or too large.</exception>
    public static int Parse(string text, int pageSize, out bool rounded)
    {
        long unit = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch
        {
            'B' => 1,
            'K' => 1L << 10,
            'M' => 1L << 20,
            'G' => 1L << 30,
            _ => 0,
        };
        string digits = unit == 0 ? text : text[..^1];
        if (!uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) || number == 0)
        {
            throw new UserErrorException(
                $"'{text}' is no ring size: give -m/--mmap-pages a number of pages, or of bytes with B, K, M or G", 2);
        }

        long pages = unit == 0 ? number : (number * unit + pageSize - 1) / pageSize;
        long power = (long)BitOperations.RoundUpToPowerOf2((ulong)pages);
        if (power > Most)
        {
            throw new UserErrorException(
                $"a ring of {text} is more than viperf maps: try again with a smaller value of -m/--mmap_pages");
        }

        rounded = power != pages;
        return (int)power;
    }

    /// <summary>What is tried first where nobody asks for a size: less is taken where less may be locked.</summary>
    /// <param name="stackDump">Bytes of the samples' stack dumps; 0 for none.</param>
    /// <param name="rings">Number of rings.</param>
    public static int Default(int stackDump, int rings)
    {
        int pageSize = Environment.SystemPageSize;
        long mlockKib = long.TryParse(ProcFs.ReadSetting("kernel/perf_event_mlock_kb"), out long kib) ? kib : 516;
        return Math.Max(MayBeLocked(mlockKib, pageSize), ForDumps((uint)stackDump, rings, pageSize));
    }

    /// <summary>
    /// What an ordinary user may lock for each CPU without a limit of his own, less the header's page: perf's default.
    /// </summary>
    /// <param name="mlockKib">kernel.perf_event_mlock_kb.</param>
    /// <param name="pageSize">The system's page size in bytes.</param>
    public static int MayBeLocked(long mlockKib, int pageSize)
    {
        long pages = Math.Clamp((mlockKib << 10) / pageSize - 1, 1, Most);
        return 1 << BitOperations.Log2((ulong)pages);
    }

    /// <summary>The size of stack dumps of which a ring holds enough.</summary>
    /// <param name="pages">Of the ring.</param>
    /// <param name="frequency">Samples a second.</param>
    /// <param name="wanted">The size at most, in bytes.</param>
    internal static int DumpThatFits(int pages, double frequency, int wanted)
    {
        double bytes = pages * (double)Environment.SystemPageSize / (frequency * LeastSeconds);
        return bytes >= wanted ? wanted : 1 << BitOperations.Log2((uint)Math.Max(bytes, SmallestDump));
    }

    /// <summary>
    /// What is tried first for samples with stack dumps, of which the default size would hold few: more than an ordinary
    /// user may lock.
    /// </summary>
    /// <param name="stackDump">Bytes of a dump.</param>
    /// <param name="rings">Number of rings.</param>
    /// <param name="pageSize">The system's page size in bytes.</param>
    internal static int ForDumps(uint stackDump, int rings, int pageSize)
    {
        long bytes = Math.Min(DumpsInRing * BitOperations.RoundUpToPowerOf2(stackDump), MostBytesTogether / rings);
        return 1 << BitOperations.Log2((ulong)Math.Max(bytes / pageSize, 1));
    }
}
