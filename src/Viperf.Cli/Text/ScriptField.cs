namespace Viperf.Cli.Text;

/// <summary>The columns of <c>script</c>, by perf's names (perf-script(1), <c>--fields</c>).</summary>
[Flags]
internal enum ScriptField
{
    None = 0,
    Comm = 1 << 0,
    Tid = 1 << 1,
    Pid = 1 << 2,
    Time = 1 << 3,
    Cpu = 1 << 4,
    Event = 1 << 5,
    Ip = 1 << 6,
    Sym = 1 << 7,
    Dso = 1 << 8,
    Symoff = 1 << 9,
    Srcline = 1 << 10,
    Period = 1 << 11,

    /// <summary>Why the stack ends: a column of viperf's alone.</summary>
    Stackend = 1 << 12,

    /// <summary>What is shown where the user asks for nothing else, as far as the event records it.</summary>
    Default = Comm | Tid | Time | Cpu | Event | Ip | Sym | Dso | Symoff | Period,
}
