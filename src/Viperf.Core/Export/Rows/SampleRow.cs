using Viperf.Core.Profiles;

namespace Viperf.Core.Export.Rows;

/// <summary>One sample with all that formats list of it.</summary>
/// <param name="Time">Nanoseconds of the recording's clock.</param>
/// <param name="SinceFirst">Nanoseconds since the recording's first sample, of whatever event that is.</param>
/// <param name="Thread">Its thread.</param>
/// <param name="ThreadName">The thread's name at that time.</param>
/// <param name="Cpu">The CPU's number; null where it was not recorded, or the thread did not run.</param>
/// <param name="Period">Events, or nanoseconds for the clocks.</param>
/// <param name="Stack">Index in <see cref="Profile.Stacks"/>.</param>
internal readonly record struct SampleRow(
    ulong Time, ulong SinceFirst, ExportThread Thread, string ThreadName, int? Cpu, ulong Period, int Stack);

/// <summary>What rows say of a stack. Text in it is well-formed (<see cref="ExportText.WellFormed"/>), but may be anything else.</summary>
/// <param name="Kind">What kind of code the leaf is.</param>
/// <param name="Function">The leaf's name.</param>
/// <param name="File">Its source file; empty where it is not known.</param>
/// <param name="Line">The line of that which was sampled; null where it is not known.</param>
/// <param name="Frames">All frames' names and places, the outermost first; never empty.</param>
internal sealed record StackText(string Kind, string Function, string File, int? Line, string[] Frames);

/// <summary>The names of columns, the same in all formats.</summary>
internal static class Columns
{
    public const string Time = "time";
    public const string Nanoseconds = "time_ns";
    public const string Event = "event";
    public const string Pid = "pid";
    public const string Tid = "tid";
    public const string Process = "process";
    public const string Thread = "thread";
    public const string Cpu = "cpu";
    public const string Period = "period";
    public const string Kind = "kind";
    public const string Function = "function";
    public const string File = "file";
    public const string Line = "line";
    public const string Stack = "stack";

    /// <summary>All of them in their order.</summary>
    public static readonly string[] All =
        [Time, Nanoseconds, Event, Pid, Tid, Process, Thread, Cpu, Period, Kind, Function, File, Line, Stack];
}
