using System.Text;
using Viperf.Core.Export;
using Viperf.Core.Profiles;

namespace Viperf.Tests.Export;

/// <summary>A profile that is made sample by sample, and what exporters write of it.</summary>
internal sealed class SampledProfile
{
    public const ulong Millisecond = 1_000_000;
    public const ulong Start = 5_000_000_000;

    /// <summary>Names that a program can give to its functions, files and threads, and that some format might take for more than text.</summary>
    public static readonly string[] HostileNames =
    [
        "</script><img src=x onerror=alert(1)>", "]]></style></svg><script>alert(1)</script>", "&amp;&#0;&nosuch;", "quote\"and'apostrophe",
        "\"'`; DROP TABLE frames;--", "two\nlines\r\nand\u2028three", "semi;colon", "comma,comma", "\u0001\u001b[31m\u007f\u0000end",
        "\uD800 half \uDC00", "lone\udfff", "\uFFFE\uFFFF\u202Eright to left", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)",
        "\u2028line\u2029paragraph\u0085next", "{\"json\": [1]}", "\\u0041\\", "naïve 🐍", new string('x', 100_000), " ", "'", " 12",
    ];

    private readonly CodePlaces _places = new();
    private ulong _next = Start;

    public SampledProfile()
    {
        Profile.Events.Add(new("cpu-clock", IsClock: true));
        Profile.Events.Add(new("page-faults", IsClock: false));
    }

    public Profile Profile { get; } = new() { Series = new SampleSeries() };

    public RecordingFacts Facts { get; set; } = new() { CommandLine = ["viperf", "run", "app.py"], Frequency = 1000, Written = DateTime.UnixEpoch.AddDays(1) };

    /// <summary>A frame on a line of a Python function, whose definition begins at a line.</summary>
    public int Python(string name, int line = 2, string file = "/srv/app.py", int firstLine = 1)
    {
        string shortFile = Path.GetFileName(file);
        int module = Profile.Modules.Intern(new Module(ModuleKind.PythonSource, file, "", 0, 0) { Name = shortFile });
        int source = _places.Functions.Intern(new SourceFunction(name, file, firstLine, IsPython: true) { ShortFile = shortFile });
        int frame = Frame(name, module, FrameMode.User, (ulong)line);
        _places.Add(frame, new CodePlace(source, line, Offset: 0));
        return frame;
    }

    /// <summary>A frame of a library's function.</summary>
    /// <param name="name">The function's.</param>
    /// <param name="path">The library's.</param>
    /// <param name="buildId">The library's.</param>
    /// <param name="address">Where it lies; an address of its own where none is given.</param>
    /// <param name="level">Above 1 of one that was inlined at the address of another.</param>
    public int Native(string name, string path = "/usr/lib/libfoo.so", string buildId = "abcdef01", ulong? address = null, ushort level = 0) =>
        Frame(name, Profile.Modules.Intern(new Module(ModuleKind.File, path, buildId, 0, 1)), FrameMode.User, 0, address, level);

    /// <summary>A frame of the kernel's.</summary>
    public int Kernel(string name) =>
        Frame(name, Profile.Modules.Intern(new Module(ModuleKind.Kernel, "[kernel.kallsyms]", "", 0, 0)), FrameMode.Kernel);

    /// <summary>A frame that stands for what the interpreter does, or for a wait.</summary>
    public int StandIn(string name) =>
        Frame(name, Profile.Modules.Intern(new Module(ModuleKind.Interpreter, "[interpreter]", "", 0, 0)), FrameMode.User);

    /// <summary>Adds a sample, a millisecond after the one before; its frames the outermost first. Without a thread, that of the process's first.</summary>
    public SampledProfile Add(int[] frames, int pid = 1, int tid = 0, string comm = "python", int cpu = -1, int eventIndex = 0, ulong period = Millisecond) =>
        AddAt(_next, period, frames, pid, tid, comm, cpu, eventIndex);

    /// <summary>Adds a sample of a time in nanoseconds, which is none before the last one; its frames the outermost first.</summary>
    public SampledProfile AddAt(
        ulong time, ulong period, int[] frames, int pid = 1, int tid = 0, string comm = "python", int cpu = -1, int eventIndex = 0)
    {
        int stack = frames.Aggregate(StackTable.Empty, Profile.Stacks.Intern);
        int row = Profile.Samples.Add(new(eventIndex, pid, tid == 0 ? pid : tid, Profile.Comms.Intern(comm), cpu, stack), period);
        Profile.Series!.Add(time, row, period);
        Profile.FirstSampleTime = Profile.Series.TimeOf(0);
        Profile.LastSampleTime = time;
        _next = time + Millisecond;
        return this;
    }

    /// <summary>Adds two samples for each hostile name, with it as function, file, thread and process: in a library's function and in Python's.</summary>
    public SampledProfile AddHostile()
    {
        foreach (var (i, name) in HostileNames.Index())
        {
            int[] frames = [Python("<module>"), Python(name, file: $"/{name}/{name}.py"), Native(name, path: $"/{name}")];
            Add(frames, pid: i + 10, tid: i + 10, comm: name);
            Add(frames[..2], pid: i + 10, tid: i + 10, comm: name);
        }

        Facts = new RecordingFacts { CommandLine = HostileNames, Processor = HostileNames[0], HostName = HostileNames[8], Written = DateTime.UnixEpoch };
        return this;
    }

    public ExportSource Source(int eventIndex = 0) => new(Profile, eventIndex, _places, Facts);

    /// <summary>What a format writes, to a stream that does not seek.</summary>
    public byte[] Written(Action<ExportSource, Stream> write, int eventIndex = 0)
    {
        var bytes = new MemoryStream();
        using var pipe = new PipeLike(bytes);
        write(Source(eventIndex), pipe);
        return bytes.ToArray();
    }

    public string Text(Action<ExportSource, Stream> write, int eventIndex = 0) =>
        new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(Written(write, eventIndex));

    private int Frame(string name, int module, FrameMode mode, ulong line = 0, ulong? address = null, ushort level = 0)
    {
        int function = Profile.Functions.Intern(new Function(name, module, address ?? 0) { IsInlined = level > 1 });
        ulong at = address ?? ((ulong)(function + 1) << 32) + line;
        int frame = Profile.Frames.Intern(new Frame(at, module, mode, IsReturnAddress: false) { InlineLevel = level });
        Profile.Frames.SetFunction(frame, function);
        return frame;
    }

    /// <summary>A stream that can only be written, and does not know how much was.</summary>
    private sealed class PipeLike(Stream to) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => to.Write(buffer, offset, count);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
