using System.Text.RegularExpressions;
using Viperf.Core.Export;
using Xunit;

namespace Viperf.Tests.Export;

public class CollapsedFormatTests
{
    [Fact]
    public void Each_stack_is_a_line_with_its_samples()
    {
        var profile = new TimedProfile();
        int work = profile.Native("work");
        profile.Add(1, 100, [profile.Python("main", line: 3), work]);
        profile.Add(2, 100, [profile.Python("main", line: 4), work], tid: 2);
        profile.Add(3, 100, [work], comm: "helper");
        profile.Add(4, 100, []);

        Assert.Equal(
            ["python;main (app.py:1);work (libc.so.6) 2", "helper;work (libc.so.6) 1", "python 1"], Lines(profile));
    }

    [Fact]
    public void Functions_that_are_called_the_same_share_a_line()
    {
        var profile = new TimedProfile();
        profile.Add(1, 1, [profile.Native("work", path: "/one/lib.so")]);
        profile.Add(2, 1, [profile.Native("work", path: "/two/lib.so")]);

        Assert.Equal(["python;work (lib.so) 2"], Lines(profile));
    }

    [Fact]
    public void No_name_divides_frames_or_lines()
    {
        var profile = TimedProfile.Hostile();

        var lines = Lines(profile);

        Assert.Equal(TimedProfile.HostileNames.Length, lines.Length);
        Assert.All(lines, static line => Assert.Matches(new Regex(@"^[^;\p{Cc}]+;[^;\p{Cc}]+;[^;\p{Cc}]+;[^;\p{Cc}]+ 1$"), line));
    }

    private static string[] Lines(TimedProfile profile) =>
        profile.Write(CollapsedFormat.Write).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
