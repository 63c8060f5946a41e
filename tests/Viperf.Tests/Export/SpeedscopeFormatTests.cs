using System.Text.Json;
using Viperf.Core.Export;
using Xunit;

namespace Viperf.Tests.Export;

public class SpeedscopeFormatTests
{
    [Fact]
    public void Each_thread_is_a_profile_of_its_own_in_the_order_of_time()
    {
        var profile = new SampledProfile();
        int main = profile.Python("main", line: 9, firstLine: 7);
        int work = profile.Native("work");
        profile.AddAt(100, 10, [main, work]);
        profile.AddAt(101, 20, [main], tid: 2, comm: "helper");
        profile.AddAt(102, 30, [main]);
        profile.AddAt(103, 40, [main, work]);

        var root = Parse(profile);

        Assert.Equal("https://www.speedscope.app/file-format-schema.json", root.GetProperty("$schema").GetString());
        Assert.Equal(["python (process 1)", "helper (process 1, thread 2)"], Names(root.GetProperty("profiles")));
        var first = root.GetProperty("profiles")[0];
        Assert.Equal("sampled", first.GetProperty("type").GetString());
        Assert.Equal("nanoseconds", first.GetProperty("unit").GetString());
        Assert.Equal("[[0,1],[0],[0,1]]", first.GetProperty("samples").GetRawText());
        Assert.Equal("[10,30,40]", first.GetProperty("weights").GetRawText());
        Assert.Equal(80, first.GetProperty("endValue").GetInt64());
        Assert.Equal(
            """[{"name":"main","file":"/srv/app.py","line":7},{"name":"work","file":"libfoo.so"}]""",
            root.GetProperty("shared").GetProperty("frames").GetRawText());
    }

    [Fact]
    public void Lines_of_one_function_are_one_frame_and_equal_neighbours_one_sample()
    {
        var profile = new SampledProfile();
        profile.AddAt(1, 1, [profile.Python("main", line: 3)]);
        profile.AddAt(2, 2, [profile.Python("main", line: 4)]);
        profile.AddAt(3, 4, []);

        var root = Parse(profile);

        Assert.Equal(1, root.GetProperty("shared").GetProperty("frames").GetArrayLength());
        Assert.Equal("[[0],[]]", root.GetProperty("profiles")[0].GetProperty("samples").GetRawText());
        Assert.Equal("[3,4]", root.GetProperty("profiles")[0].GetProperty("weights").GetRawText());
    }

    [Fact]
    public void Only_the_events_samples_are_there_and_events_have_no_unit()
    {
        var profile = new SampledProfile();
        int main = profile.Python("main");
        profile.AddAt(1, 1000, [main]);
        profile.AddAt(2, 3, [main], tid: 2, eventIndex: 1);

        var only = Assert.Single(Parse(profile, eventIndex: 1).GetProperty("profiles").EnumerateArray());

        Assert.Equal("none", only.GetProperty("unit").GetString());
        Assert.Equal("[3]", only.GetProperty("weights").GetRawText());
    }

    [Fact]
    public void The_thread_with_most_of_the_time_is_shown_first()
    {
        var profile = new SampledProfile();
        int main = profile.Python("main");
        profile.AddAt(1, 1, [main]);
        profile.AddAt(2, 2, [main], tid: 2);

        Assert.Equal(1, Parse(profile).GetProperty("activeProfileIndex").GetInt32());
    }

    [Fact]
    public void Weights_come_to_the_profiles_total_whatever_names_there_are()
    {
        var profile = new SampledProfile().AddHostile();
        string text = profile.Text(SpeedscopeFormat.Write);
        var root = JsonDocument.Parse(text).RootElement;

        Assert.Equal(
            (decimal)profile.Source().TotalPeriod,
            root.GetProperty("profiles").EnumerateArray().SelectMany(static one => one.GetProperty("weights").EnumerateArray())
                .Sum(static weight => weight.GetDecimal()));
        Assert.DoesNotContain('<', text);
        Assert.Contains(
            SampledProfile.HostileNames[0],
            root.GetProperty("shared").GetProperty("frames").EnumerateArray().Select(static frame => frame.GetProperty("name").GetString()));
    }

    private static JsonElement Parse(SampledProfile profile, int eventIndex = 0) =>
        JsonDocument.Parse(profile.Text(SpeedscopeFormat.Write, eventIndex)).RootElement;

    private static IEnumerable<string?> Names(JsonElement array) => array.EnumerateArray().Select(static one => one.GetProperty("name").GetString());
}
