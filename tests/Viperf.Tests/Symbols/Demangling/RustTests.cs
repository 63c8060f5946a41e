using Viperf.Core.Symbols.Demangling;
using Xunit;

namespace Viperf.Tests.Symbols.Demangling;

/// <summary>Rust's names; what they stand for is what c++filt -i prints, unless a test says more.</summary>
public class RustTests
{
    [Theory]
    [InlineData("_ZN3foo17h05af221e174051e9E", "foo")]
    [InlineData("_ZN3foo17h05af221e174051e9E.llvm.1234", "foo")]
    [InlineData("_ZN3foo17h05af221e174051e9E.cold.1", "foo")]
    [InlineData("_ZN4core3ptr42drop_in_place$LT$alloc..string..String$GT$17h0123456789abcdefE", "core::ptr::drop_in_place<alloc::string::String>")]
    [InlineData("_ZN9a.b..c$C$17h05af221e174051e9E", "a.b::c,")]
    [InlineData("_ZN8$BP$a$SP17h05af221e174051e9E", "*a$SP")]
    [InlineData("_ZN28_$u7b$$u7b$closure$u7d$$u7d$17h05af221e174051e9E", "{{closure}}")]
    [InlineData("_ZN5$XY$a17h05af221e174051e9E", "$XY$a")]
    [InlineData("_ZN4_a$b17h05af221e174051e9E", "_a$b")]
    [InlineData("_ZN4test1a2bc17h05af221e174051e9E", "test::a::bc")]
    public void Names_of_the_first_scheme_lose_their_hash(string mangled, string name) => Assert.Equal(name, Demangler.Demangle(mangled));

    [Theory]
    [InlineData("_ZN3foo17haaaaaaaaaaaaaaaaE", "foo::haaaaaaaaaaaaaaaa")]
    [InlineData("_ZN3foo17h05af221e174051E9E", "foo::h05af221e174051E9")]
    [InlineData("_ZN3foo16h05af221e174051eE", "foo::h05af221e174051e")]
    [InlineData("_ZN17h05af221e174051e9E", "h05af221e174051e9")]
    [InlineData("_ZN3a-b17h05af221e174051e9E", "a-b::h05af221e174051e9")]
    public void What_only_resembles_the_first_scheme_is_CxxAbis(string mangled, string name) =>
        Assert.Equal(name, Demangler.Demangle(mangled));

    [Theory]
    [InlineData("_RNvC3foo3bar", "foo::bar")]
    [InlineData("_RNvC3foo3bar.llvm.123", "foo::bar")]
    [InlineData("_RNvCs1234_3foo3bar", "foo::bar")]
    [InlineData("_RINvC3foo3barlE", "foo::bar::<i32>")]
    [InlineData("_RNCNvC3foo3bar0", "foo::bar::{closure#0}")]
    [InlineData("_RNCNvC3foo3bars_0", "foo::bar::{closure#1}")]
    [InlineData("_RNSNvC3foo3bar6vtable", "foo::bar::{shim:vtable#0}")]
    [InlineData("_RNvMC3fooNtB2_3Bar3baz", "<foo::Bar>::baz")]
    [InlineData("_RNvMs_C3fooNtB4_3Bar3baz", "<foo::Bar>::baz")]
    [InlineData("_RNvXC3fooINtC3std3VecpENtC4core4Iter4next", "<std::Vec<_> as core::Iter>::next")]
    [InlineData("_RNvYINtC3std3VecpENtC4core4Iter4next", "<std::Vec<_> as core::Iter>::next")]
    [InlineData("_RINvC3foo3barKj5_E", "foo::bar::<5>")]
    [InlineData("_RINvC3foo3barKan5_E", "foo::bar::<-5>")]
    [InlineData("_RINvC3foo3barKb1_E", "foo::bar::<true>")]
    [InlineData("_RINvC3foo3barKc41_E", "foo::bar::<'A'>")]
    [InlineData("_RINvC3foo3barKca_E", "foo::bar::<'\\n'>")]
    [InlineData("_RINvC3foo3barKpE", "foo::bar::<_>")]
    [InlineData("_RINvC3foo3barFG_RL0_lEvE", "foo::bar::<for<'a> fn(&'a i32) -> ...>")]
    [InlineData("_RINvC3foo3barFKCEuE", "foo::bar::<extern \"C\" fn()>")]
    [InlineData("_RINvC3foo3barFUK10rust_intrieEhE", "foo::bar::<unsafe extern \"rust-intri\" fn(str) -> u8>")]
    [InlineData("_RINvC3foo3barDNtC3std1ANtC3std1Bp1CmEL_E", "foo::bar::<dyn std::A + std::B<C = u32>>")]
    [InlineData("_RINvC3foo3barDG_INtC3std1AL0_EEL_E", "foo::bar::<dyn for<'a> std::A<'a>>")]
    [InlineData("_RINvC3foo3barRL_eE", "foo::bar::<&str>")]
    [InlineData("_RINvC3foo3barQeE", "foo::bar::<&mut str>")]
    [InlineData("_RINvC3foo3barPeE", "foo::bar::<*const str>")]
    [InlineData("_RINvC3foo3barOeE", "foo::bar::<*mut str>")]
    [InlineData("_RINvC3foo3barAej4_E", "foo::bar::<[str; 4]>")]
    [InlineData("_RINvC3foo3barSeE", "foo::bar::<[str]>")]
    [InlineData("_RINvC3foo3barTEE", "foo::bar::<()>")]
    [InlineData("_RINvC3foo3barTeEE", "foo::bar::<(str,)>")]
    [InlineData("_RINvC3foo3barTehEE", "foo::bar::<(str, u8)>")]
    [InlineData("_RINvC3foo3barzE", "foo::bar::<!>")]
    [InlineData("_RNvC6_123foo3bar", "123foo::bar")]
    [InlineData("_RNvNtC3foou5tdakx3bar", "foo::üĉā::bar")]
    [InlineData("_RNvC3foo3barC3baz", "foo::bar")]
    [InlineData("_RINvNtC3std3mem8align_ofNtC7mycrate3FooEC7mycrate", "std::mem::align_of::<mycrate::Foo>")]
    [InlineData("_RINvC7mycrate7exampleFG0_RL1_hRL0_tEuE", "mycrate::example::<for<'a, 'b> fn(&'a u8, &'b u16)>")]
    public void Names_of_the_second_scheme_have_no_hashes_either(string mangled, string name) =>
        Assert.Equal(name, Demangler.Demangle(mangled));

    /// <summary>Constants that c++filt 2.40 does not know, as the scheme's own demangler prints them.</summary>
    [Theory]
    [InlineData("_RINvC3foo3barKRe616263_E", "foo::bar::<\"abc\">")]
    [InlineData("_RINvC3foo3barKRe2227c3a90a_E", "foo::bar::<\"\\\"'é\\n\">")]
    [InlineData("_RINvC3foo3barKe616263_E", "foo::bar::<{*\"abc\"}>")]
    [InlineData("_RINvC3foo3barKAj1_j2_EE", "foo::bar::<{[1, 2]}>")]
    [InlineData("_RINvC3foo3barKTj1_EE", "foo::bar::<{(1,)}>")]
    [InlineData("_RINvC3foo3barKRAj1_EE", "foo::bar::<{&[1]}>")]
    [InlineData("_RINvC3foo3barKQj1_E", "foo::bar::<{&mut 1}>")]
    [InlineData("_RINvC3foo3barKVNtC3foo1SS1aj1_1bb1_EE", "foo::bar::<{foo::S { a: 1, b: true }}>")]
    [InlineData("_RINvC3foo3barKVNtC3foo1SUE", "foo::bar::<{foo::S}>")]
    [InlineData("_RINvC3foo3barKVNtC3foo1STj1_EE", "foo::bar::<{foo::S(1)}>")]
    [InlineData("_RINvC3foo3barKc27_E", "foo::bar::<'\\''>")]
    [InlineData("_RINvC3foo3barKnn80000000000000000000000000000000_E", "foo::bar::<-0x80000000000000000000000000000000>")]
    [InlineData("_RINvC3foo3barKjffffffffffffffff_E", "foo::bar::<18446744073709551615>")]
    public void Constants_are_written_as_in_Rust(string mangled, string name) => Assert.Equal(name, Demangler.Demangle(mangled));

    [Theory]
    [InlineData("_R")]
    [InlineData("_RN")]
    [InlineData("_R0NvC3foo3bar")]
    [InlineData("_RNvC3foo")]
    [InlineData("_RNvC3foo4bar")]
    [InlineData("_RNvC3foo3barX")]
    [InlineData("_RNvB_3bar")]
    [InlineData("_RNvB9_3bar")]
    [InlineData("_RINvC3foo3barKb2_E")]
    [InlineData("_RINvC3foo3barKcd800_E")]
    [InlineData("_RINvC3foo3barKReff_E")]
    [InlineData("_RINvC3foo3barFG_RL1_lEvE")]
    [InlineData("_RNvCu4____3bar")]
    [InlineData("_RNvC99999999999999999999foo3bar")]
    public void What_is_not_well_formed_is_left_alone(string symbol) => Assert.Null(Demangler.Demangle(symbol));
}
