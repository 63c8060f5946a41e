using System.Text;
using Viperf.Core;
using Viperf.Core.Python;
using Xunit;

namespace Viperf.Tests.Python;

public class PythonCommandTests
{
    [Theory]
    [InlineData("#!/usr/bin/python3\nprint()", "/usr/bin/python3", "")]
    [InlineData("#! \t/usr/bin/python3 -E -s \t\nprint()", "/usr/bin/python3", "-E -s")]
    [InlineData("#!/usr/bin/env python3\n", "/usr/bin/env", "python3")]
    [InlineData("#!/usr/bin/python3", "/usr/bin/python3", "")] // no line feed at the end
    public void The_first_line_names_a_program_and_one_argument(string script, string interpreter, string argument) =>
        Assert.Equal(new ScriptHead(interpreter, argument), ScriptHead.Parse(Encoding.UTF8.GetBytes(script)));

    [Theory]
    [InlineData("")]
    [InlineData("#")]
    [InlineData("#!")]
    [InlineData("#! \n/usr/bin/python3\n")]
    [InlineData("print()\n#!/usr/bin/python3\n")]
    public void Without_a_program_in_its_first_line_a_file_is_no_script(string script) =>
        Assert.Null(ScriptHead.Parse(Encoding.UTF8.GetBytes(script)));

    [Fact]
    public void Of_a_long_line_the_kernel_sees_the_start()
    {
        Assert.Null(ScriptHead.Parse(Encoding.UTF8.GetBytes("#!/" + new string('a', 300) + "\n")));
        Assert.Equal("/bin/env", ScriptHead.Parse(Encoding.UTF8.GetBytes("#!/bin/env " + new string('a', 300)))!.Value.Interpreter);
    }

    [Theory]
    [InlineData("python3", "python3")]
    [InlineData("python3 -u", "python3 -u")] // one name: the kernel does not split it, and env finds no such program
    [InlineData("-S python3 -u", "python3")]
    [InlineData("-S A=1 B=2 python3 -u", "python3")]
    [InlineData("-S -i -u HOME python3.12", "python3.12")]
    [InlineData("-vS python3", "python3")]
    [InlineData("--split-string=python3 -u", "python3")]
    [InlineData("-S \"/a path/python3\" -u", "/a path/python3")]
    [InlineData("-S", null)]
    [InlineData("-S A=1", null)]
    [InlineData("-i", null)]
    [InlineData("", null)]
    public void Env_starts_the_first_word_that_is_no_option_and_no_variable(string argument, string? expected) =>
        Assert.Equal(expected, new ScriptHead("/usr/bin/env", argument).ProgramOfEnv());

    [Theory]
    [InlineData("python", true)]
    [InlineData("python3", true)]
    [InlineData("python3.13t", true)]
    [InlineData("python3.11-dbg", true)]
    [InlineData("pypy3.10", true)]
    [InlineData("python3-config", false)]
    [InlineData("python.py", false)]
    [InlineData("ipython", false)]
    [InlineData("pytest", false)]
    [InlineData("", false)]
    public void Interpreters_are_known_by_their_names(string name, bool expected) =>
        Assert.Equal(expected, PythonCommand.IsInterpretersName(name));

    [Theory]
    [InlineData("#!/bin/sh\n'''exec' \"/a long path/bin/python\" \"$0\" \"$@\"\n' '''\n", "/a long path/bin/python")]
    [InlineData("#!/bin/sh\n'''exec' /a/bin/python \"$0\" \"$@\"\n' '''\n", "/a/bin/python")]
    [InlineData("#!/bin/sh\nexec /a/bin/python \"$0\" \"$@\"\n", null)]
    [InlineData("", null)]
    public void Installers_wrap_what_does_not_fit_the_first_line(string script, string? expected) =>
        Assert.Equal(expected, PythonCommand.InWrapper(script));

    [Theory]
    [InlineData("#!/usr/bin/env bash\nset -e\nprogram=\"${0##*/}\"\nexec \"/home/a b/pyenv\" exec \"$program\" \"$@\"\n", "/home/a b/pyenv")]
    [InlineData("#!/usr/bin/env bash\nexec \"/bin/ls\" exec \"$program\" \"$@\"\n", null)]
    public void A_shim_of_pyenv_names_the_pyenv(string script, string? expected) =>
        Assert.Equal(expected, PythonCommand.InShim(script));

    [Fact]
    public void A_script_leads_to_the_interpreter_that_runs_it()
    {
        const string system = "/usr/bin/python3";
        Assert.SkipUnless(File.Exists(system), $"the system has no Python: {system}");
        string directory = Directory.CreateTempSubdirectory("viperf-test-").FullName;
        try
        {
            string direct = Script("direct", $"#!{system} -E\n");
            string nested = Script("nested", $"#!{direct}\n");
            string wrapped = Script("wrapped", $"#!/bin/sh\n'''exec' \"{system}\" \"$0\" \"$@\"\n' '''\n");
            string viaEnv = Script("via-env", $"#!/usr/bin/env {system}\n");
            string endless = Path.Combine(directory, "endless");
            Script("endless", $"#!{endless}\n");
            string shell = Script("shell", "#!/bin/sh\necho\n");
            string gone = Script("gone", "#!/nowhere/python3\n");
            string text = Script("text", "hello\n");
            string expected = PythonInterpreter.Find(system).Path;

            Assert.All([system, direct, nested, wrapped, viaEnv], command => Assert.Equal(expected, PythonCommand.FindInterpreter(command).Path));
            Assert.Contains("a script of a script", Message(endless));
            Assert.Contains("is run by /bin/sh, which is no Python interpreter", Message(shell));
            Assert.Contains("is run by /nowhere/python3, which is not there", Message(gone));
            Assert.Contains("is no Python interpreter, and no script of one", Message(text));
            Assert.Contains("is no Python interpreter", Message("ls"));
            Assert.Contains("no such command", Message(Path.Combine(directory, "nothing")));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        string Script(string name, string content)
        {
            string path = Path.Combine(directory, name);
            File.WriteAllText(path, content);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            return path;
        }

        static string Message(string command) =>
            Assert.Throws<UserErrorException>(() => PythonCommand.FindInterpreter(command)).Message;
    }
}
