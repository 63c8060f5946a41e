namespace Viperf.Core.Export.Pstats;

/// <summary>
/// The format of Python's module <c>pstats</c>: what cProfile writes. Calls are not counted by samples, so where it has numbers of
/// calls there are numbers of samples that have the function on their stacks.
/// </summary>
internal static class PstatsFormat
{
    private const double NanosecondsPerSecond = 1e9;

    /// <summary>Writes a profile.</summary>
    public static void Write(ExportSource source, Stream output)
    {
        double unit = source.Event.IsClock ? NanosecondsPerSecond : 1;
        var buffered = new BufferedStream(output, 1 << 16); // not to be disposed of, as it would close the output
        var writer = new MarshalWriter(buffered);
        writer.BeginDictionary();
        foreach (var (function, sums, calls) in new FunctionTimes(source).Functions)
        {
            Write(writer, function);
            writer.BeginTuple(5);
            Write(writer, sums, unit);
            writer.BeginDictionary();
            foreach (var (caller, ofCaller) in calls)
            {
                Write(writer, caller);
                writer.BeginTuple(4);
                Write(writer, ofCaller, unit);
            }

            writer.EndDictionary();
        }

        writer.EndDictionary();
        buffered.Flush();
    }

    private static void Write(MarshalWriter writer, PstatsFunction function)
    {
        writer.BeginTuple(3);
        writer.Write(function.File);
        writer.Write((ulong)Math.Max(function.Line, 0));
        writer.Write(function.Name);
    }

    /// <summary>Primitive calls, all calls, own time, time with callees: of callers the first two stand the other way round.</summary>
    private static void Write(MarshalWriter writer, PstatsSums sums, double unit)
    {
        writer.Write(sums.Samples);
        writer.Write(sums.Samples);
        writer.Write(sums.Own / unit);
        writer.Write(sums.Total / unit);
    }
}
