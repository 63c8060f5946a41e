using System.Text;
using Viperf.Core.Export;
using Viperf.Core.Profiles;

namespace Viperf.Tests.Export;

/// <summary>A profile that is made sample by sample, and what exporters write of it.</summary>
internal sealed class TimedProfile
{
    private readonly Profile _profile = new() { Series = new SampleSeries() };
    private readonly CodePlaces _places = new();
    private readonly int _interpreter;

    public TimedProfile(params ProfileEvent[] events)
    {
        _profile.Events.AddRange(events.Length > 0 ? events : [new("cpu-clock", IsClock: true)]);
        _interpreter = _profile.Modules.Intern(new Module(ModuleKind.Interpreter, "[interpreter]", "", 0, 0));
    }

    public RecordingFacts Facts { get; set; } = new() { CommandLine = ["viperf", "record", "python", "app.py"] };

    /// <summary>Names that a program can give to its functions, files and threads.</summary>
    public static string[] HostileNames { get; } =
    [
        "</script><img src=x onerror=alert(1)>",
        "]]></style></svg><script>alert(1)</script>",
        "\"'`; DROP TABLE frames;--",
        "two\nlines\r\nand\u2028three",
        "\0\u0001\u001B[31mred\u007F\u0085",
        "\uD800 half \uDC00",
        "\uFFFE\uFFFF\u202Eright to left",
        "&amp;&#0;&nosuch;",
        new string('x', 100_000),
        "",
        " 12",
    ];

    /// <summary>A frame of a Python function.</summary>
    public int Python(string name, int line = 1, string file = "/srv/app.py", int firstLine = 1)
    {
        string shortFile = Path.GetFileName(file);
        int module = _profile.Modules.Intern(new Module(ModuleKind.PythonSource, file, "", 0, 0) { Name = shortFile });
        int function = _places.Functions.Intern(new SourceFunction(name, file, firstLine, IsPython: true) { ShortFile = shortFile });
        int frame = Frame(name, module, FrameMode.User, (ulong)(function * 10_000 + line));
        _places.Add(frame, new CodePlace(function, line, Offset: 0));
        return frame;
    }

    /// <summary>A frame of a library's function.</summary>
    public int Native(string name, string path = "/usr/lib/libc.so.6", string buildId = "") =>
        Frame(name, _profile.Modules.Intern(new Module(ModuleKind.File, path, buildId, 0, 0)), FrameMode.User, 0);

    /// <summary>A frame of the kernel's.</summary>
    public int Kernel(string name) =>
        Frame(name, _profile.Modules.Intern(new Module(ModuleKind.Kernel, "[kernel.kallsyms]", "", 0, 0)), FrameMode.Kernel, 0);

    /// <summary>A frame that stands for what the interpreter does, or for a wait.</summary>
    public int StandIn(string name) => Frame(name, _interpreter, FrameMode.User, 0);

    /// <summary>Adds a sample that is none before the last one.</summary>
    /// <param name="time">Nanoseconds.</param>
    /// <param name="period">Its period.</param>
    /// <param name="frames">The outermost first.</param>
    /// <param name="pid">Its process.</param>
    /// <param name="tid">Its thread; 0 for the process's first.</param>
    /// <param name="comm">The thread's name.</param>
    /// <param name="eventIndex">Its event.</param>
    public void Add(ulong time, ulong period, int[] frames, int pid = 1, int tid = 0, string comm = "python", int eventIndex = 0)
    {
        int stack = frames.Aggregate(StackTable.Empty, _profile.Stacks.Intern);
        int row = _profile.Samples.Add(
            new(eventIndex, pid, tid == 0 ? pid : tid, _profile.Comms.Intern(comm), Cpu: -1, stack), period);
        _profile.Series!.Add(time, row, period);
        _profile.FirstSampleTime = _profile.Series.TimeOf(0);
        _profile.LastSampleTime = time;
    }

    /// <summary>A profile whose names are all hostile, and what its periods and samples come to.</summary>
    public static TimedProfile Hostile()
    {
        var profile = new TimedProfile();
        ulong time = 0;
        foreach (string name in HostileNames)
        {
            profile.Add(time++, 5, [profile.Python(name, file: name), profile.Native(name, path: name), profile.Kernel(name)], comm: name);
        }

        profile.Facts = new RecordingFacts { CommandLine = HostileNames, Processor = HostileNames[0], HostName = HostileNames[4] };
        return profile;
    }

    public ExportSource Source(int eventIndex = 0) => new(_profile, eventIndex, _places, Facts);

    /// <summary>What a format's writer makes of it.</summary>
    public string Write(Action<ExportSource, Stream> write, int eventIndex = 0)
    {
        using var stream = new MemoryStream();
        write(Source(eventIndex), stream);
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(stream.ToArray());
    }

    private int Frame(string name, int module, FrameMode mode, ulong address)
    {
        int function = _profile.Functions.Intern(new Function(name, module, address));
        int frame = _profile.Frames.Intern(new Frame(((ulong)function << 32) + address, module, mode, IsReturnAddress: false));
        _profile.Frames.SetFunction(frame, function);
        return frame;
    }
}
