using System.Text;
using Viperf.Core.Export;
using Viperf.Core.Profiles;

namespace Viperf.Tests.Export;

/// <summary>A profile of single samples in their time, each a millisecond after the one before.</summary>
internal sealed class SampledProfile
{
    public const ulong Millisecond = 1_000_000;
    public const ulong Start = 5_000_000_000;

    /// <summary>Names that some format might take for more than text.</summary>
    public static readonly string[] HostileNames =
    [
        "</script><img src=x onerror=alert(1)>", "quote\"and'apostrophe", "two\nlines\r\n", "semi;colon", "comma,comma", "\u0001\u001b[31m\u007f\u0000end",
        "\ud800lone", "lone\udfff", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\u2028line\u2029paragraph\u0085next", "{\"json\": [1]}", "\\u0041\\",
        "naïve 🐍", new string('x', 100_000), " ", "'",
    ];

    private readonly CodePlaces _places = new();
    private ulong _time = Start;

    public SampledProfile()
    {
        Profile.Events.Add(new("cpu-clock", IsClock: true));
        Profile.Events.Add(new("page-faults", IsClock: false));
    }

    public Profile Profile { get; } = new() { Series = new SampleSeries() };

    public RecordingFacts Facts { get; init; } = new() { CommandLine = ["viperf", "run", "app.py"], Frequency = 1000, Written = DateTime.UnixEpoch.AddDays(1) };

    /// <summary>A frame of Python on a line of a function, whose definition begins at line 1.</summary>
    public int Python(string name, int line = 2, string file = "/srv/app.py")
    {
        string shortFile = Path.GetFileName(file);
        int source = _places.Functions.Intern(new SourceFunction(name, file, FirstLine: 1, IsPython: true) { ShortFile = shortFile });
        int module = Profile.Modules.Intern(new Module(ModuleKind.PythonSource, file, "", 0, 0) { Name = shortFile });
        int frame = Profile.Frames.Intern(new Frame((ulong)(source * 1000 + line), module, FrameMode.User, IsReturnAddress: false));
        Profile.Frames.SetFunction(frame, Profile.Functions.Intern(new Function(name, module, Start: 0)));
        _places.Add(frame, new CodePlace(source, line, Offset: 0));
        return frame;
    }

    /// <summary>A frame of a library's function; with a level above 1 of one inlined at the address of another.</summary>
    public int Native(string name, ulong address = 0x1234, ushort level = 0, string path = "/usr/lib/libfoo.so")
    {
        int module = Profile.Modules.Intern(new Module(ModuleKind.File, path, "abcdef01", 0, 1));
        int frame = Profile.Frames.Intern(new Frame(address, module, FrameMode.User, IsReturnAddress: false) { InlineLevel = level });
        Profile.Frames.SetFunction(frame, Profile.Functions.Intern(new Function(name, module, address) { IsInlined = level > 1 }));
        return frame;
    }

    /// <summary>The frame of why a thread does not run.</summary>
    public int Wait(string name)
    {
        int module = Profile.Modules.Intern(new Module(ModuleKind.Interpreter, "[interpreter]", "", 0, 0));
        int frame = Profile.Frames.Intern(new Frame((ulong)name.Length, module, FrameMode.User, IsReturnAddress: false));
        Profile.Frames.SetFunction(frame, Profile.Functions.Intern(new Function(name, module, 0)));
        return frame;
    }

    /// <summary>Adds a sample; its frames the outermost first.</summary>
    public SampledProfile Add(int[] frames, int pid = 1, int tid = 1, string comm = "python", int cpu = -1, int eventIndex = 0, ulong period = Millisecond)
    {
        int stack = frames.Aggregate(StackTable.Empty, Profile.Stacks.Intern);
        int row = Profile.Samples.Add(new(eventIndex, pid, tid, Profile.Comms.Intern(comm), cpu, stack), period);
        Profile.Series!.Add(_time, row, period);
        Profile.FirstSampleTime = Start;
        Profile.LastSampleTime = _time;
        _time += Millisecond;
        return this;
    }

    /// <summary>Adds a sample for each hostile name, with it as function, file, thread and process.</summary>
    public SampledProfile AddHostile()
    {
        foreach (var (i, name) in HostileNames.Index())
        {
            int[] frames = [Python("<module>"), Python(name, file: $"/{name}/{name}.py"), Native(name, (ulong)i + 1, path: $"/{name}")];
            Add(frames, pid: i + 10, tid: i + 10, comm: name);
            Add(frames[..2], pid: i + 10, tid: i + 10, comm: name);
        }

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
