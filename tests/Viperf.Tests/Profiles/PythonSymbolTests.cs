using Viperf.Core.Profiles;
using Xunit;

namespace Viperf.Tests.Profiles;

public class PythonSymbolTests
{
    [Theory]
    [InlineData("py::C.method.<locals>.<lambda>:/x/a:b.py", "C.method.<locals>.<lambda>", "/x/a:b.py")]
    [InlineData("py::<module>:<frozen os>", "<module>", "<frozen os>")]
    [InlineData("py::nothing", "nothing", "")]
    public void A_symbol_is_a_name_and_a_file(string symbol, string name, string file)
    {
        Assert.True(PythonSymbol.TryParse(symbol, out var python));
        Assert.Equal((name, file, symbol), (python.Name, python.File, python.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("py:")]
    [InlineData("PyObject_Call")]
    public void Other_symbols_are_none(string symbol) => Assert.False(PythonSymbol.TryParse(symbol, out _));
}
