using System.Text;
using Viperf.Core.Symbols.Demangling;
using Viperf.Formats.Bytes;
using Xunit;

namespace Viperf.Tests.Symbols.Demangling;

/// <summary>Names that nobody's compiler made. None breaks the demangler, none takes it long or much memory.</summary>
public class HostileNameTests
{
    private static readonly string[] s_seeds =
    [
        "_ZSt16__introsort_loopIN9__gnu_cxx17__normal_iteratorIPiSt6vectorIiSaIiEEEElNS0_5__ops15_Iter_comp_iterISt7greaterIiEEEEvT_SC_T0_T1_",
        "_ZNK4absl7debian311string_viewcvNSt7__cxx1112basic_stringIcSt11char_traitsIcET_EEISaIcEEEv",
        "_ZZN1A1fIJiEEEvDpT_ENKUlTyTpTnT_OT0_E_clIiJLi1EEcEEDaS4_",
        "_Z1fIiEDTcmcl1gspfp_EtlT_di1xLi1EEEPFRA3_KPFivES4_EM1AKDoFivOE",
        "_ZN4core3ptr42drop_in_place$LT$alloc..string..String$GT$17h0123456789abcdefE.llvm.1",
        "_RINvMs6_NtCsgvbsrvnw3yD_9hashbrown3rawINtB6_8RawTableTyNtNtCslNYArtu3iFV_5alloc6string6StringEE14reserve_rehashNCINvNtB8_3map11make_hasheryE0ECsj6gjteTz5uu_1b",
        "_RINvC3foo3barKVNtC3foo1SS1aRe6162_1bAc41_EEFG0_UKCRL1_hDNtB2_1Tp1XTEEL0_EuE",
        "_GLOBAL__I__ZN1AC2ERKS_",
        "_ZGRZTCN1AE16_1BE_",
    ];

    [Fact]
    public void Damaged_names_are_read_or_left_alone()
    {
        const string Letters = "_0129aAbcCdDeEfFGhIiJKlLmMnNoOpPqQRrsStTuUvVwWXxyYzZ.$@é\0";
        var random = new Random(20261128);
        int demangled = 0;
        const int Rounds = 60_000;
        for (int i = 0; i < Rounds; i++)
        {
            var name = new StringBuilder(s_seeds[random.Next(s_seeds.Length)]);
            for (int changes = random.Next(1, 5); changes > 0; changes--)
            {
                int at = random.Next(2, name.Length);
                switch (random.Next(4))
                {
                    case 0:
                        name[at] = Letters[random.Next(Letters.Length)];
                        break;
                    case 1:
                        name.Remove(at, Math.Min(random.Next(1, 6), name.Length - at));
                        break;
                    case 2:
                        name.Insert(at, Letters[random.Next(Letters.Length)]);
                        break;
                    default:
                        string other = s_seeds[random.Next(s_seeds.Length)];
                        int from = random.Next(other.Length);
                        name.Insert(at, other[from..Math.Min(other.Length, from + random.Next(12))]);
                        break;
                }

                if (name.Length < 3)
                {
                    name.Append("_Z1f");
                }
            }

            string? readable = Demangler.Demangle(name.ToString(), withParameters: random.Next(2) == 0);
            demangled += readable is null ? 0 : 1;
            Assert.True(readable is null || readable.Length is > 0 and <= Limits.DemangledChars, name.ToString());
        }

        Assert.InRange(demangled, 1000, Rounds - 1000);
    }

    /// <summary>Each doubles what the substitution before it stands for.</summary>
    [Fact]
    public void Substitutions_that_stand_for_endless_text_are_left_alone()
    {
        var name = new StringBuilder("_Z1f1AIiiE");
        for (int i = 0; i < 200; i++)
        {
            string last = i == 0 ? "S0_" : $"S{Base36(i)}_";
            name.Append($"S_I{last}{last}E");
        }

        Assert.Null(Demangler.Demangle(name.ToString(), withParameters: true));
    }

    /// <summary>Each doubles the work that the one before it takes, without any text.</summary>
    [Fact]
    public void Substitutions_that_stand_for_endless_nothing_are_left_alone()
    {
        var name = new StringBuilder("_Z1fIJEEv");
        name.Append("DpT_");
        for (int i = 0; i < 200; i++)
        {
            string last = $"S{Base36(i)}_";
            name.Append($"PFv{last}{last}E");
        }

        Assert.Null(Demangler.Demangle(name.ToString(), withParameters: true));
    }

    [Theory]
    [InlineData("_Z1f", "P", "i")]
    [InlineData("_Z1f", "K", "i")]
    [InlineData("_Z1f", "PF", "i")]
    [InlineData("_Z1f", "1AI", "i")]
    [InlineData("_Z1fIX", "ps", "Li1EEEvv")]
    [InlineData("_Z1fIX", "L_Z1fIX", "Li1EEEvv")]
    [InlineData("_Z1f", "Z1fvEUl", "i")]
    [InlineData("_ZN", "1AcvT_I", "E")]
    [InlineData("_Z", "Z", "1fvE1x")]
    [InlineData("_RINvC3foo3bar", "R", "eE")]
    [InlineData("_RINvC3foo3bar", "F", "uE")]
    [InlineData("_RINvC3foo3bar", "INtC3foo3bar", "E")]
    [InlineData("_R", "Nv", "C3foo3bar")]
    [InlineData("_RINvC3foo3barK", "R", "j1_E")]
    public void Names_that_nest_without_end_are_left_alone(string start, string nested, string end)
    {
        var name = new StringBuilder(start);
        while (name.Length < Limits.NameBytes - nested.Length - end.Length)
        {
            name.Append(nested);
        }

        Assert.Null(Demangler.Demangle(name.Append(end).ToString(), withParameters: true));
    }

    /// <summary>Each refers to the one before it twice.</summary>
    [Fact]
    public void Back_references_that_stand_for_endless_text_are_left_alone()
    {
        var name = new StringBuilder("_RINvC3foo3bar");
        int last = name.Length - 2;
        name.Append('h');
        for (int i = 0; i < 64; i++)
        {
            int here = name.Length - 2;
            name.Append($"TB{Base62(last)}B{Base62(last)}E");
            last = here;
        }

        Assert.Null(Demangler.Demangle(name.Append('E').ToString()));
    }

    [Fact]
    public void A_name_that_is_longer_than_names_may_be_is_left_alone()
    {
        string identifier = new('x', Limits.NameBytes);
        Assert.Null(Demangler.Demangle($"_Z{identifier.Length}{identifier}v", withParameters: true));
        Assert.Null(Demangler.Demangle($"_RC{identifier.Length}{identifier}"));
        Assert.Null(Demangler.Demangle($"_ZN{identifier.Length}{identifier}17h0123456789abcdefE"));
    }

    [Fact]
    public async Task Threads_do_not_disturb_each_other()
    {
        string?[] alone = [.. s_seeds.Select(static seed => Demangler.Demangle(seed, withParameters: true))];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (int round = 0; round < 200; round++)
            {
                Assert.Equal(alone, s_seeds.Select(static seed => Demangler.Demangle(seed, withParameters: true)));
            }
        })));
    }

    private static string Base36(int number) => number == 0 ? "0" : Digits(number, 36);

    /// <summary>A place as the scheme writes it: one less than it is, behind which an underscore stands, which alone is 0.</summary>
    private static string Base62(int number) => number == 0 ? "_" : $"{Digits(number - 1, 62)}_";

    private static string Digits(int number, int digits)
    {
        const string Upper = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        const string All = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        var text = new StringBuilder();
        do
        {
            text.Insert(0, (digits == 36 ? Upper : All)[number % digits]);
            number /= digits;
        }
        while (number != 0);
        return text.ToString();
    }
}
