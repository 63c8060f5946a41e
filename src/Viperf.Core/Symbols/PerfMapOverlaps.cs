using Viperf.Formats.Jit;

namespace Viperf.Core.Symbols;

/// <summary>
/// Decides which line of a perf map names an address that several cover. Lines are only ever appended, also to the
/// map that an earlier process of the same pid left behind, so that the last one tells what lay there last.
/// </summary>
internal static class PerfMapOverlaps
{
    /// <summary>A range that one line names.</summary>
    /// <param name="Start">First address.</param>
    /// <param name="End">First address behind it.</param>
    /// <param name="Entry">Index of the line among the map's.</param>
    public readonly record struct Piece(ulong Start, ulong End, int Entry);

    /// <summary>Cuts the lines into ranges of which no two overlap, by ascending address.</summary>
    public static List<Piece> Resolve(List<PerfMapEntry> entries)
    {
        var order = new int[entries.Count];
        var starts = new ulong[entries.Count];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
            starts[i] = entries[i].Start;
        }

        Array.Sort(starts, order);

        // A sweep over the addresses; on top of the heap lies the latest line of those that have begun.
        List<Piece> pieces = new(entries.Count);
        var begun = new PriorityQueue<int, int>();
        ulong position = 0;
        int next = 0;
        while (next < order.Length || begun.Count != 0)
        {
            if (begun.Count == 0)
            {
                position = starts[next];
            }

            for (; next < order.Length && starts[next] <= position; next++)
            {
                begun.Enqueue(order[next], -order[next]);
            }

            int latest = begun.Peek();
            ulong end = EndOf(entries[latest]);
            if (end <= position)
            {
                begun.Dequeue();
                continue;
            }

            // Up to where it ends, or where another begins that may be later.
            ulong until = next < order.Length ? Math.Min(end, starts[next]) : end;
            Append(pieces, new Piece(position, until, latest));
            position = until;
        }

        return pieces;
    }

    /// <summary>Joins a range to the one before it where they are one line's.</summary>
    private static void Append(List<Piece> pieces, Piece piece)
    {
        if (pieces.Count != 0 && pieces[^1] is var last && last.Entry == piece.Entry && last.End == piece.Start)
        {
            pieces[^1] = last with { End = piece.End };
        }
        else
        {
            pieces.Add(piece);
        }
    }

    private static ulong EndOf(in PerfMapEntry entry) =>
        entry.Size <= ulong.MaxValue - entry.Start ? entry.Start + entry.Size : ulong.MaxValue;
}
