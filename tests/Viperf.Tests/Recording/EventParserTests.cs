using Viperf.Core;
using Viperf.Core.Recording;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.Recording;

public class EventParserTests
{
    [Theory]
    [InlineData("cycles", PerfEventKind.PERF_TYPE_HARDWARE, 0)]
    [InlineData("cpu-cycles", PerfEventKind.PERF_TYPE_HARDWARE, 0)]
    [InlineData("branch-instructions", PerfEventKind.PERF_TYPE_HARDWARE, 4)]
    [InlineData("branches", PerfEventKind.PERF_TYPE_HARDWARE, 4)]
    [InlineData("branch-misses", PerfEventKind.PERF_TYPE_HARDWARE, 5)]
    [InlineData("ref-cycles", PerfEventKind.PERF_TYPE_HARDWARE, 9)]
    [InlineData("cpu-clock", PerfEventKind.PERF_TYPE_SOFTWARE, 0)]
    [InlineData("faults", PerfEventKind.PERF_TYPE_SOFTWARE, 2)]
    [InlineData("cs", PerfEventKind.PERF_TYPE_SOFTWARE, 3)]
    [InlineData("cgroup-switches", PerfEventKind.PERF_TYPE_SOFTWARE, 11)]
    [InlineData("r1a8", PerfEventKind.PERF_TYPE_RAW, 0x1a8)]
    public void Names_are_perfs(string name, PerfEventKind kind, ulong config)
    {
        var spec = Assert.Single(EventParser.Parse(name));

        Assert.Equal((name, kind, config), (spec.Name, spec.Kind, spec.Config));
        Assert.Equal((AttrFlags)0, spec.Exclude);
    }

    // Cache, operation << 8, result << 16: perf_event_open(2).
    [Theory]
    [InlineData("L1-dcache-loads", 0x00000)]
    [InlineData("L1-dcache-load-misses", 0x10000)]
    [InlineData("L1-icache-load-misses", 0x10001)]
    [InlineData("LLC-stores", 0x00102)]
    [InlineData("LLC-prefetch-misses", 0x10202)]
    [InlineData("dTLB-store-misses", 0x10103)]
    [InlineData("iTLB-loads", 0x00004)]
    [InlineData("branch-load-misses", 0x10005)]
    [InlineData("node-loads", 0x00006)]
    public void Cache_events_name_cache_operation_and_result(string name, ulong config)
    {
        var spec = Assert.Single(EventParser.Parse(name));

        Assert.Equal((PerfEventKind.PERF_TYPE_HW_CACHE, config), (spec.Kind, spec.Config));
    }

    [Theory]
    [InlineData("u", AttrFlags.exclude_kernel | AttrFlags.exclude_hv)]
    [InlineData("k", AttrFlags.exclude_user | AttrFlags.exclude_hv)]
    [InlineData("uk", AttrFlags.exclude_hv)]
    [InlineData("h", AttrFlags.exclude_user | AttrFlags.exclude_kernel)]
    [InlineData("pp", (AttrFlags)0)]
    public void Modifiers_let_in_the_levels_they_name(string modifiers, AttrFlags exclude) =>
        Assert.Equal(exclude, Assert.Single(EventParser.Parse("cycles:" + modifiers)).Exclude);

    [Fact]
    public void Precision_is_the_number_of_p_or_the_best()
    {
        Assert.Equal(2, EventParser.Parse("cycles:upp")[0].Precision);
        Assert.True(EventParser.Parse("cycles:P")[0].BestPrecision);
    }

    [Fact]
    public void A_list_has_commas_between_its_events() =>
        Assert.Equal(["cycles:u", "cs", "cpu-clock"], EventParser.Parse("cycles:u,cs,cpu-clock").Select(spec => spec.Name));

    [Theory]
    [InlineData("nosuch")]
    [InlineData("")]
    [InlineData("cycles,")]
    [InlineData("L1-dcache-load-load")]
    [InlineData("L1-dcachex")]
    [InlineData("r")]
    [InlineData("rxyz")]
    [InlineData("r11111111111111111")]
    [InlineData("cycles:z")]
    [InlineData("cycles:pppp")]
    public void What_is_no_event_is_refused_by_name(string text)
    {
        var error = Assert.Throws<UserErrorException>(() => EventParser.Parse(text));

        Assert.Equal(1, error.ExitCode);
        Assert.Contains("event '", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_clock_in_place_of_cycles_keeps_the_levels_but_not_the_precision()
    {
        var clock = EventParser.Parse("cycles:upp")[0].CpuClock();

        Assert.Equal(("cpu-clock:u", 0), (clock.Name, clock.Precision));
        Assert.Equal(AttrFlags.exclude_kernel | AttrFlags.exclude_hv, clock.Exclude);
        Assert.Equal("cpu-clock", EventParser.Parse("cycles:pp")[0].CpuClock().Name);
    }

    [Theory]
    [InlineData("cycles", "cycles:u")]
    [InlineData("cycles:p", "cycles:pu")]
    public void User_space_only_shows_in_the_name(string name, string restricted)
    {
        var spec = EventParser.Parse(name)[0].UserOnly();

        Assert.Equal(restricted, spec.Name);
        Assert.Equal(AttrFlags.exclude_kernel | AttrFlags.exclude_hv, spec.Exclude);
    }
}
