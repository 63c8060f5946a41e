using System.CommandLine;
using Viperf.Cli.Text;
using Viperf.Core.Python;
using Viperf.Core.Recording;

namespace Viperf.Cli.Commands;

/// <summary><c>viperf doctor</c>: what stands between an interpreter on this machine and a good recording.</summary>
internal static class DoctorCommand
{
    private static readonly Argument<string[]> s_command = new("COMMAND")
    {
        Description = "An interpreter, or a command that one runs; its arguments do not matter",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var command = new Verb(
            "doctor",
            "Say what stands between a Python interpreter and a good recording on this machine, and what to type about it. "
            + "Without an argument the interpreter is the one that viperf run takes. The exit status is 0 if viperf run "
            + "would show its Python functions, 1 if not.",
            "[PYTHON|COMMAND…]",
            "python3.13",
            ".venv/bin/pytest tests")
        {
            s_command,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult options)
    {
        string[] command = options.GetValue(s_command) ?? [];
        PythonInterpreter python;
        Finding[] ofPython;
        Finding[] ofMachine;
        using (new Progress("doctor", "trying things out"))
        {
            python = command.Length > 0 ? PythonCommand.FindInterpreter(command[0]) : PythonInterpreter.Find(null);
            var frames = FramePointers.Of(python.CodeFile, out string problem);
            ofPython =
            [
                .. new InterpreterFindings(
                    python, frames, problem, PythonTrials.BytesPerCall(python), PythonTrials.TogglesSafely(python)).All(),
            ];
            ofMachine = [.. new MachineFindings(MachineLimits.Read(), InstalledPerf.Try(), python.HasAgentSupport).All()];
        }

        var text = DoctorText.ToStandardOutput();
        text.WriteSection($"{python.Title}.{python.Version.Build}, {python.Path}", ofPython);
        text.WriteSection("This machine", ofMachine);
        var obstacle = ofPython.Concat(ofMachine).FirstOrDefault(finding => finding.Verdict == Verdict.Bad);
        text.WriteVerdict(
            obstacle?.Verdict ?? Verdict.Good,
            obstacle is null
                ? "viperf run would show where this interpreter's programs spend their time."
                : $"viperf run would show no Python function: {obstacle.Fact}.");
        return obstacle is null ? 0 : 1;
    }
}
