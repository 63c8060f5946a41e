using System.IO.Compression;
using Viperf.Core.Export;
using Viperf.Core.Export.Pprof;
using Viperf.Core.Profiles;
using Xunit;
using Proto = Viperf.Core.Export.Pprof.Proto;

namespace Viperf.Tests.Export;

public class PprofFormatTests
{
    private readonly SampledProfile _made = new();

    [Fact]
    public void Values_are_samples_and_CPU_time()
    {
        _made.Add([_made.Python("main"), _made.Python("f")]).Add([_made.Python("main"), _made.Python("f")]).Add([_made.Python("main")]);

        var profile = Read();

        Assert.Equal(["samples/count", "cpu/nanoseconds"], Types(profile));
        Assert.Equal([2, 1], profile.Sample.Select(static sample => sample.Value[0]));
        Assert.Equal([2_000_000, 1_000_000], profile.Sample.Select(static sample => sample.Value[1]));
        Assert.Equal(1_000_000, profile.Period);
        Assert.Equal(2_000_000, profile.DurationNanos);
        Assert.Equal(24 * 3600 * 1_000_000_000L - 2_000_000, profile.TimeNanos);
        Assert.Contains("command: viperf run app.py", profile.Comment.Select(index => profile.StringTable[(int)index]));
        Assert.Equal("cpu", profile.StringTable[(int)profile.DefaultSampleType]);
    }

    [Fact]
    public void Functions_have_file_and_first_line_and_locations_their_line()
    {
        _made.Add([_made.Python("main", line: 7), _made.Native("work", address: 0x1234)]);

        var profile = Read();

        Assert.Equal(["work  0:0", "main /srv/app.py 1:7"], Stack(profile, 0));
        var mapping = Assert.Single(profile.Mapping);
        Assert.Equal(("/usr/lib/libfoo.so", "abcdef01"), (Text(profile, mapping.Filename), Text(profile, mapping.BuildId)));
        Assert.True(mapping is { HasFunctions: true, HasFilenames: true, HasLineNumbers: true, HasInlineFrames: true });
        Assert.Equal([0x1234UL, 0UL], profile.Sample[0].LocationId.Select(id => profile.Location[(int)id - 1].Address));
        Assert.InRange(0x1234UL, mapping.MemoryStart, mapping.MemoryLimit - 1);
    }

    [Fact]
    public void Inlined_functions_share_the_location_of_the_one_around()
    {
        _made.Add([_made.Native("outer", address: 0x1234, level: 1), _made.Native("inner", address: 0x1234, level: 2), _made.Native("innermost", address: 0x1234, level: 3)])
            .Add([_made.Native("outer", address: 0x1234, level: 1), _made.Native("inner", address: 0x1234, level: 2)])
            .Add([_made.Native("caller"), _made.Native("outer", address: 0x1234, level: 1)]);

        var profile = Read();

        Assert.Equal([1, 1, 2], profile.Sample.Select(static sample => sample.LocationId.Count));
        Assert.Equal(["innermost  0:0", "inner  0:0", "outer  0:0"], Stack(profile, 0));
        Assert.Equal(["inner  0:0", "outer  0:0"], Stack(profile, 1));
        Assert.Equal(["outer  0:0", "caller  0:0"], Stack(profile, 2));
    }

    [Fact]
    public void Code_without_a_name_is_told_apart_by_its_module()
    {
        _made.Add([_made.Native("", path: "/a.so")]).Add([_made.Native("", path: "/b.so")]);

        var profile = Read();

        Assert.Equal(["[unknown] (a.so)  0:0"], Stack(profile, 0));
        Assert.Equal(["[unknown] (b.so)  0:0"], Stack(profile, 1));
    }

    [Theory]
    [InlineData(ProfileEvent.WallClock, "wall")]
    [InlineData(ProfileEvent.GilClock, "gil")]
    public void Waits_are_no_CPU_time(string eventName, string type)
    {
        _made.Profile.Events[0] = new(eventName, IsClock: true);
        _made.Add([_made.Python("main")]).Add([_made.Python("main"), _made.StandIn("[blocked: read]")])
            .Add([_made.Python("main"), _made.StandIn(WaitNames.Gil)]);

        var profile = Read();

        Assert.Equal(["samples/count", "cpu/nanoseconds", $"{type}/nanoseconds"], Types(profile));
        Assert.Equal(type, Text(profile, profile.DefaultSampleType));
        Assert.Equal(1_000_000, profile.Sample.Sum(static sample => sample.Value[1]));
        Assert.Equal(3_000_000, profile.Sample.Sum(static sample => sample.Value[2]));
    }

    [Fact]
    public void Asking_for_the_lock_is_CPU_time_where_no_other_is_recorded()
    {
        _made.Add([_made.Python("main"), _made.StandIn(WaitNames.Gil)]);

        var profile = Read();

        Assert.Equal(["samples/count", "cpu/nanoseconds"], Types(profile));
        Assert.Equal(1_000_000, profile.Sample.Sum(static sample => sample.Value[1]));
    }

    [Fact]
    public void The_kernel_is_not_taken_for_the_program()
    {
        _made.Add([_made.Kernel("syscall"), _made.Native("work")]);

        Assert.Equal("/usr/lib/libfoo.so", Text(Read(), Read().Mapping[0].Filename));
    }

    [Fact]
    public void Other_events_are_counted_under_their_names()
    {
        _made.Add([_made.Python("main")]).Add([_made.Python("main")], eventIndex: 1, period: 3);

        var profile = Read(eventIndex: 1);

        Assert.Equal(["samples/count", "page-faults/count"], Types(profile));
        Assert.Equal([1L, 3L], Assert.Single(profile.Sample).Value);
    }

    [Fact]
    public void Labels_say_which_thread_it_was()
    {
        _made.Add([_made.Python("main")], pid: 7, tid: 7, comm: "first").Add([_made.Python("main")], pid: 7, tid: 8, comm: "second");

        var profile = Read();

        Assert.Equal(
            ["thread=second", "tid=8", "process=first", "pid=7"],
            profile.Sample[1].Label.Select(label => $"{Text(profile, label.Key)}={(label.Str != 0 ? Text(profile, label.Str) : label.Num)}"));
    }

    [Fact]
    public void Hostile_names_stay_text()
    {
        _made.AddHostile().Add([]);

        var profile = Read();

        Assert.Equal((long)_made.Source().TotalPeriod, profile.Sample.Sum(static sample => sample.Value[1]));
        Assert.Equal((long)_made.Source().TotalSamples, profile.Sample.Sum(static sample => sample.Value[0]));
        Assert.Equal("", profile.StringTable[0]);
        Assert.Superset(SampledProfile.HostileNames.Select(ExportText.WellFormed).ToHashSet(), profile.StringTable.ToHashSet());
    }

    private static string Text(Proto.Profile profile, long index) => profile.StringTable[(int)index];

    private static IEnumerable<string> Types(Proto.Profile profile) =>
        profile.SampleType.Select(type => $"{Text(profile, type.Type)}/{Text(profile, type.Unit)}");

    /// <summary>Functions with file, first line and line, leaf first.</summary>
    private static IEnumerable<string> Stack(Proto.Profile profile, int sample) =>
        from id in profile.Sample[sample].LocationId
        from line in profile.Location[(int)id - 1].Line
        let function = profile.Function[(int)line.FunctionId - 1]
        select $"{Text(profile, function.Name)} {Text(profile, function.Filename)} {function.StartLine}:{line.Line_}";

    private Proto.Profile Read(int eventIndex = 0)
    {
        using var bytes = new GZipStream(new MemoryStream(_made.Written(PprofFormat.Write, eventIndex)), CompressionMode.Decompress);
        return Proto.Profile.Parser.ParseFrom(bytes);
    }
}
