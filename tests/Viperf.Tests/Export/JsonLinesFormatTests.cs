using System.Text.Json;
using Viperf.Core.Export;
using Viperf.Core.Export.Rows;
using Xunit;

namespace Viperf.Tests.Export;

public class JsonLinesFormatTests
{
    private readonly SampledProfile _made = new();

    [Fact]
    public void A_line_says_all_of_a_sample()
    {
        _made.Add([_made.Python("<module>", line: 9), _made.Python("f", line: 3)], pid: 7, tid: 8, comm: "worker", cpu: 2)
            .Add([_made.Native("work")], pid: 7, tid: 7);

        string[] lines = _made.Text(JsonLinesFormat.Write).Split('\n');

        Assert.Equal(
            """{"time":0,"time_ns":5000000000,"event":"cpu-clock","pid":7,"tid":8,"process":"python","thread":"worker","cpu":2,"period":1000000,"kind":"python","function":"f","file":"/srv/app.py","line":3,"stack":["<module> (app.py:9)","f (app.py:3)"]}""",
            lines[0]);
        Assert.Equal(
            """{"time":0.001,"time_ns":5001000000,"event":"cpu-clock","pid":7,"tid":7,"process":"python","thread":"python","cpu":null,"period":1000000,"kind":"native","function":"work","file":"","line":null,"stack":["work (libfoo.so)"]}""",
            lines[1]);
        Assert.Equal("", Assert.Single(lines[2..]));
    }

    [Fact]
    public void Only_the_events_samples_are_listed_in_the_recordings_time()
    {
        _made.Add([_made.Python("main")]).Add([_made.Python("main")], eventIndex: 1, period: 5);

        using var row = JsonDocument.Parse(_made.Text(JsonLinesFormat.Write, eventIndex: 1));

        Assert.Equal(0.001, row.RootElement.GetProperty("time").GetDouble());
        Assert.Equal("page-faults", row.RootElement.GetProperty("event").GetString());
        Assert.Equal(5, row.RootElement.GetProperty("period").GetInt32());
    }

    [Fact]
    public void A_stack_without_frames_is_unknown()
    {
        using var row = JsonDocument.Parse(_made.Add([]).Text(JsonLinesFormat.Write));

        Assert.Equal("unknown", row.RootElement.GetProperty("kind").GetString());
        Assert.Equal("[unknown]", Assert.Single(row.RootElement.GetProperty("stack").EnumerateArray()).GetString());
    }

    [Fact]
    public void Hostile_names_stay_text_on_their_lines()
    {
        string text = _made.AddHostile().Text(JsonLinesFormat.Write);
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        // as readers see them for whom more than line feeds ends lines
        Assert.Equal(lines.Length, text.TrimEnd('\n').ReplaceLineEndings("\n").Split('\n', '\v', '\u001c', '\u001d', '\u001e').Length);
        Assert.Equal(2 * SampledProfile.HostileNames.Length, lines.Length);
        foreach (var (i, name) in SampledProfile.HostileNames.Select(ExportText.WellFormed).Index())
        {
            using var native = JsonDocument.Parse(lines[2 * i]);
            using var python = JsonDocument.Parse(lines[2 * i + 1]);
            Assert.Equal(name, native.RootElement.GetProperty("function").GetString());
            Assert.Equal(name, native.RootElement.GetProperty("thread").GetString());
            Assert.Equal(name, native.RootElement.GetProperty("process").GetString());
            Assert.Equal(name, python.RootElement.GetProperty("function").GetString());
            Assert.Equal($"/{name}/{name}.py", python.RootElement.GetProperty("file").GetString());
            Assert.Equal(3, native.RootElement.GetProperty("stack").GetArrayLength());
        }
    }
}
