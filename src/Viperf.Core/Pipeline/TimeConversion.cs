using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>PERF_RECORD_TIME_CONV: how the processor's counter becomes nanoseconds of the recording's clock.</summary>
internal sealed class TimeConversion
{
    /// <summary>The largest shift that leaves something of a 64-bit counter.</summary>
    private const int LargestShift = 63;

    private readonly int _shift;
    private readonly ulong _multiplier;
    private readonly ulong _zero;

    /// <summary>Reads the record.</summary>
    /// <exception cref="ParseException">The record is cut short, or shifts by more than a number has bits.</exception>
    public TimeConversion(RecordView record)
    {
        var body = record.Body();
        ulong shift = body.ReadUInt64();
        if (shift > LargestShift)
        {
            body.Fail($"a shift by {shift} bits");
        }

        _shift = (int)shift;
        _multiplier = body.ReadUInt64();
        _zero = body.ReadUInt64();
    }

    /// <summary>The counter's value in nanoseconds, as perf_event_open(2) says.</summary>
    public ulong ToNanoseconds(ulong counter)
    {
        ulong rest = counter & ((1UL << _shift) - 1);
        return _zero + (counter >> _shift) * _multiplier + ((rest * _multiplier) >> _shift);
    }
}
