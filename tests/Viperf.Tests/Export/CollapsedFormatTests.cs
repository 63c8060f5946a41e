using System.Text.RegularExpressions;
using Viperf.Core.Export;
using Xunit;

namespace Viperf.Tests.Export;

public class CollapsedFormatTests
{
    [Fact]
    public void Each_stack_is_a_line_with_its_samples()
    {
        var profile = new SampledProfile();
        int work = profile.Native("work");
        profile.AddAt(1, 100, [profile.Python("main", line: 3), work]);
        profile.AddAt(2, 100, [profile.Python("main", line: 4), work], tid: 2);
        profile.AddAt(3, 100, [work], comm: "helper");
        profile.AddAt(4, 100, []);

        Assert.Equal(
            ["python;main (app.py:1);work (libfoo.so) 2", "helper;work (libfoo.so) 1", "python 1"], Lines(profile));
    }

    [Fact]
    public void Functions_that_are_called_the_same_share_a_line()
    {
        var profile = new SampledProfile();
        profile.AddAt(1, 1, [profile.Native("work", path: "/one/lib.so")]);
        profile.AddAt(2, 1, [profile.Native("work", path: "/two/lib.so")]);

        Assert.Equal(["python;work (lib.so) 2"], Lines(profile));
    }

    [Fact]
    public void No_name_divides_frames_or_lines()
    {
        var profile = new SampledProfile().AddHostile();

        var lines = Lines(profile);

        Assert.Equal(2 * SampledProfile.HostileNames.Length, lines.Length);
        Assert.All(lines, static line => Assert.Matches(new Regex(@"^[^;\p{Cc}]+;<module> \(app\.py:1\);[^;\p{Cc}]+(;[^;\p{Cc}]+)? 1$"), line));
    }

    private static string[] Lines(SampledProfile profile) =>
        profile.Text(CollapsedFormat.Write).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
