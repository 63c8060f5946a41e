using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Xunit;

namespace Viperf.Tests.Symbols;

public class ShownNamesTests
{
    private const string Symbol = "_ZN1A1fEi";

    [Theory]
    [InlineData(ModuleKind.File, "A::f")]
    [InlineData(ModuleKind.Vdso, "A::f")]
    [InlineData(ModuleKind.Kernel, Symbol)]
    [InlineData(ModuleKind.KernelModule, Symbol)]
    [InlineData(ModuleKind.Jit, Symbol)]
    public void Only_names_of_programs_are_demangled_if_nobody_asks_for_more(ModuleKind kind, string name) =>
        Assert.Equal(name, new ShownNames(NameOptions.Default).Of(Symbol, kind));

    [Fact]
    public void The_kernels_are_when_asked_for_and_programs_can_be_left_out()
    {
        var names = new ShownNames(new NameOptions { Demangle = false, DemangleKernel = true });
        Assert.Equal(Symbol, names.Of(Symbol, ModuleKind.File));
        Assert.Equal(Symbol, names.OfJitted(Symbol));
        Assert.Equal("A::f", names.Of(Symbol, ModuleKind.Kernel));
        Assert.Equal("kernel::init", names.Of("_RNvC6kernel4init", ModuleKind.KernelModule));
    }

    [Fact]
    public void Parameters_are_shown_when_asked_for() =>
        Assert.Equal("A::f(int)", new ShownNames(new NameOptions { WithParameters = true }).Of(Symbol, ModuleKind.File));

    [Theory]
    [InlineData("_ZN1A1fEi@plt", "A::f@plt")]
    [InlineData("memcpy@plt", "memcpy@plt")]
    [InlineData("_Z@plt", "_Z@plt")]
    [InlineData("main", "main")]
    [InlineData("", "")]
    public void Stubs_keep_their_mark_and_other_names_stay(string symbol, string name)
    {
        var names = new ShownNames(NameOptions.Default);
        Assert.Equal(name, names.Of(symbol, ModuleKind.File));
        Assert.Same(names.Of(symbol, ModuleKind.File), names.Of(symbol, ModuleKind.File));
    }

    [Fact]
    public void Functions_of_jitdumps_are_demangled_as_perf_does_those_of_the_files_that_it_makes_of_them() =>
        Assert.Equal("A::f", new ShownNames(NameOptions.Default).OfJitted(Symbol));
}
