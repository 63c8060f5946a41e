using Viperf.Core.Recording;
using Xunit;

namespace Viperf.Tests.Recording;

public class InstalledPerfTests
{
    [Fact]
    public void What_is_installed_as_perf_is_tried_without_a_trace()
    {
        var before = Directory.GetDirectories(Path.GetTempPath(), "viperf-doctor-*");

        var perf = InstalledPerf.Try();

        Assert.Equal(before, Directory.GetDirectories(Path.GetTempPath(), "viperf-doctor-*"));
        Assert.SkipWhen(perf is null, "perf is not installed");
        Assert.Matches(@"^\d+\.\d+", perf.Version);
        Assert.NotEqual(JitAbility.Unknown, perf.Jit);
    }
}
