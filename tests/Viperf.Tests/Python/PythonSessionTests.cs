using Viperf.Core.Python;
using Xunit;

namespace Viperf.Tests.Python;

/// <summary>What a recording tells its Python programs, and hears of them.</summary>
public class PythonSessionTests
{
    [Fact]
    public void Off_changes_nothing()
    {
        using var session = PythonSession.Begin(PythonSupport.Off, writesJitDump: false);
        Assert.Empty(session.Environment);
        Assert.False(session.HasAgent);
        Assert.Empty(session.ReadNotes());
    }

    [Theory]
    [InlineData(false, "PYTHONPERFSUPPORT")]
    [InlineData(true, "PYTHON_PERF_JIT_SUPPORT")]
    public void Builtin_is_CPythons_own_variable(bool writesJitDump, string variable)
    {
        using var session = PythonSession.Begin(PythonSupport.BuiltIn, writesJitDump);
        Assert.Equal((variable, "1"), (Assert.Single(session.Environment).Key, session.Environment[variable]));
        Assert.False(session.HasAgent);
    }

    [Theory]
    [InlineData(PythonSupport.Auto, false, "perf", false)]
    [InlineData(PythonSupport.Auto, true, "perf_jit", false)]
    [InlineData(PythonSupport.Agent, false, "perf", true)]
    public void The_agent_is_there_to_be_loaded_and_knows_what_to_do(
        PythonSupport support, bool writesJitDump, string mode, bool isAlone)
    {
        using var session = PythonSession.Begin(support, writesJitDump);
        string library = session.Environment["LD_PRELOAD"].Split(':')[0];
        Assert.EndsWith("/libviperf-agent.so", library);
        Assert.Equal("\u007fELF"u8.ToArray(), File.ReadAllBytes(library)[..4]);
        const UnixFileMode readers = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        Assert.Equal(readers, File.GetUnixFileMode(library) & readers);
        Assert.Equal(mode, session.Environment["VIPERF"]);
        Assert.Equal(isAlone, session.Environment.ContainsKey("VIPERF_AGENT_ONLY"));
        Assert.True(session.HasAgent);
    }

    [Fact]
    public void A_note_is_told_once_with_the_number_of_processes_that_have_it()
    {
        using var session = PythonSession.Begin(PythonSupport.Auto, writesJitDump: false);
        File.AppendAllText(session.Environment["VIPERF_SESSION"] + "/notes", "7 no room\n8 no room\n8 no room\n9 too new\nnonsense\n\n");
        Assert.Equal(["2 processes: no room", "process 9: too new"], session.ReadNotes());
    }

    [Fact]
    public void The_sessions_directory_is_gone_with_it()
    {
        string directory;
        using (var session = PythonSession.Begin(PythonSupport.Auto, writesJitDump: false))
        {
            directory = session.Environment["VIPERF_SESSION"];
            Assert.True(Directory.Exists(directory));
        }

        Assert.False(Directory.Exists(directory));
    }
}
