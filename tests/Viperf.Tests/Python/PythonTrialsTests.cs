using Viperf.Core.Python;
using Xunit;

namespace Viperf.Tests.Python;

public class PythonTrialsTests
{
    [Theory]
    [MemberData(nameof(InstalledPythons.All), MemberType = typeof(InstalledPythons))]
    public void A_Python_call_takes_some_hundred_bytes_of_stack_under_trampolines(string path)
    {
        var python = PythonInterpreter.Find(path);

        int? bytes = PythonTrials.BytesPerCall(python);

        if (python.Version < new Version(3, 8))
        {
            Assert.Null(bytes); // a thread cannot ask for its number
        }
        else
        {
            Assert.NotNull(bytes);
            Assert.InRange(bytes.Value, 128, 65528);
        }
    }

    [Theory]
    [MemberData(nameof(InstalledPythons.All), MemberType = typeof(InstalledPythons))]
    public void Only_an_interpreter_with_trampolines_can_be_tried_with_them(string path)
    {
        var python = PythonInterpreter.Find(path);

        Assert.Equal(python.HasPerfSupport, PythonTrials.TogglesSafely(python) is not null);
    }
}
