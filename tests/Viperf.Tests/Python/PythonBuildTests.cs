using Viperf.Core.Python;
using Xunit;

namespace Viperf.Tests.Python;

public class PythonBuildTests
{
    [Theory]
    [InlineData("-g -fwrapv -O3 -Wall", "-O3")]
    [InlineData("-g -O2 -Wall -g -O0", "-O0")] // the last one counts
    [InlineData("-g -Og -Wall", "-Og")]
    [InlineData("-g -O -Wall", "-O1")]
    [InlineData("-g -Wall", "-O0")]
    [InlineData("-Ofast", "-Ofast")]
    public void The_last_option_says_how_far_it_is_optimized(string flags, string expected)
    {
        var build = PythonBuild.Parse(flags, "", "-O1 -Wl,-O2", isDebug: false);

        Assert.Equal(expected, build.Optimization);
        Assert.Equal(expected == "-O0", build.IsUnoptimized);
    }

    [Fact]
    public void Frame_pointers_are_said_in_the_flags_or_to_configure()
    {
        Assert.True(PythonBuild.Parse("-fno-omit-frame-pointer -O2", "", "", isDebug: false).SaysFramePointers);
        Assert.True(PythonBuild.Parse("-O2", "'CFLAGS=-fno-omit-frame-pointer'", "", isDebug: false).SaysFramePointers);
        Assert.False(PythonBuild.Parse("-O2 -fomit-frame-pointer", "'--enable-shared'", "", isDebug: false).SaysFramePointers);
    }

    [Fact]
    public void Optimizations_of_the_whole_are_in_flags_or_configure_arguments()
    {
        var configured = PythonBuild.Parse("-O3", "'--enable-optimizations' '--with-lto'", "", isDebug: false);
        var compiled = PythonBuild.Parse("-O3 -fprofile-use=/build", "", "-flto=auto", isDebug: true);
        var neither = PythonBuild.Parse("-O3 -flto -fno-lto", "", "", isDebug: false);

        Assert.Equal((true, true, false), (configured.HasLto, configured.HasPgo, configured.IsDebug));
        Assert.Equal((true, true, true), (compiled.HasLto, compiled.HasPgo, compiled.IsDebug));
        Assert.Equal((false, false), (neither.HasLto, neither.HasPgo));
    }
}
