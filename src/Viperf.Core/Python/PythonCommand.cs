using System.Text;
using System.Text.RegularExpressions;
using Viperf.Core.Linux;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;

namespace Viperf.Core.Python;

/// <summary>
/// Finds the interpreter that runs a command, as the shell, the kernel and <c>/usr/bin/env</c> would: along PATH and
/// the first lines of scripts. Nothing is started that does not look like an interpreter.
/// </summary>
public static partial class PythonCommand
{
    private const int CommandNotFound = 127;

    private const string Hint = "name the interpreter itself";

    /// <summary>The kernel follows no more scripts that are run by scripts (<c>search_binary_handler</c>).</summary>
    private const int MostScripts = 5;

    /// <summary>Wrappers and shims say in their first lines what they start.</summary>
    private const int WrapperBytes = 1024;

    /// <summary>Functions that start an interpreter: a program that neither has nor calls one of them has none.</summary>
    private static readonly string[] s_starters =
        ["Py_BytesMain", "Py_Main", "Py_RunMain", "Py_InitializeEx", "Py_InitializeFromConfig", "pypy_main_startup"];

    /// <summary>Finds the interpreter of a command.</summary>
    /// <param name="command">An interpreter, a command, or a script: a path, or a name on PATH.</param>
    /// <exception cref="UserErrorException">There is no such command, or no Python runs it.</exception>
    public static PythonInterpreter FindInterpreter(string command)
    {
        string program = Locate(command)
            ?? (IsPythonSource(command) ? "" : throw new UserErrorException($"{command}: no such command", CommandNotFound));
        if (program.Length == 0)
        {
            return PythonInterpreter.Find(null); // what run would take for a script that cannot start by itself
        }

        string place = program;
        for (int i = 0; i <= MostScripts; i++)
        {
            if (IsInterpretersName(Path.GetFileName(place)) || IsElfWithPython(place))
            {
                return PythonInterpreter.Find(place);
            }

            place = NextOf(place, command) is { } next
                ? Locate(next) ?? throw new UserErrorException($"{command} is run by {next}, which is not there: {Hint}", CommandNotFound)
                : throw new UserErrorException(
                    place == program
                        ? $"{command} is no Python interpreter, and no script of one"
                        : $"{command} is run by {place}, which is no Python interpreter: {Hint}");
        }

        throw new UserErrorException($"{command} is a script of a script, more than {MostScripts} of them: the kernel starts no such");
    }

    /// <summary>True for what interpreters are called: python, python3.12, pypy3, python3.13t.</summary>
    internal static bool IsInterpretersName(string name) => InterpretersName().IsMatch(name);

    /// <summary>
    /// The interpreter in the wrapper that installers write where a path is too long for <c>#!</c>, or has blanks:
    /// <c>#!/bin/sh</c>, and below it <c>'''exec' "/the path/python" "$0" "$@"</c>; null in other scripts.
    /// </summary>
    internal static string? InWrapper(string script) =>
        Wrapper().Match(script) is { Success: true } match ? match.Groups["quoted"].Value + match.Groups["bare"].Value : null;

    /// <summary>The pyenv that a shim of pyenv's calls; null in other scripts.</summary>
    internal static string? InShim(string script) =>
        Shim().Match(script) is { Success: true } match ? match.Groups["pyenv"].Value : null;

    /// <summary>The program that the file is started by; null if it starts by itself, or not at all.</summary>
    private static string? NextOf(string path, string command)
    {
        try
        {
            if (ScriptHead.Of(path) is not { } head)
            {
                return null;
            }

            string interpreter = Path.GetFileName(head.Interpreter);
            string start = interpreter is "sh" or "bash" or "dash" or "env" ? Start(path) : "";
            return InWrapper(start) is { } wrapped ? wrapped
                : InShim(start) is { } pyenv ? OfPyenv(pyenv, Path.GetFileName(path))
                : interpreter == "env" ? head.ProgramOfEnv()
                : head.Interpreter;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{command}: cannot read {path}: {failure.Message}");
        }
    }

    /// <summary>Asks pyenv which of its versions' programs a name stands for here.</summary>
    private static string? OfPyenv(string pyenv, string name)
    {
        var (exitCode, output, errors) = PythonInterpreter.Execute(pyenv, ["which", name]);
        return exitCode == 0 && output.Trim() is { Length: > 0 } path
            ? path
            : throw new UserErrorException($"pyenv does not find {name} ({errors.Trim().Split('\n')[0]}): {Hint}", CommandNotFound);
    }

    private static string Start(string path)
    {
        using var file = new FileSource(path);
        byte[] start = new byte[WrapperBytes];
        return Encoding.UTF8.GetString(start, 0, file.ReadAt(0, start));
    }

    /// <summary>The file that a name stands for, as execvp finds it; null if there is none that may be executed.</summary>
    private static string? Locate(string name) => name.Contains('/', StringComparison.Ordinal)
        ? IsExecutable(name) ? name : null
        : (Environment.GetEnvironmentVariable("PATH") ?? "/bin:/usr/bin").Split(':')
            .Select(directory => Path.Combine(directory.Length == 0 ? "." : directory, name))
            .FirstOrDefault(IsExecutable);

    private static bool IsExecutable(string path)
    {
        const UnixFileMode anybody = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return File.Exists(path) && (File.GetUnixFileMode(path) & anybody) != 0;
    }

    private static bool IsPythonSource(string path) =>
        path.EndsWith(".py", StringComparison.Ordinal) && File.Exists(path);

    private static bool IsElfWithPython(string path)
    {
        try
        {
            using var source = new FileSource(path);
            if (!ElfFile.HasMagic(source))
            {
                return false;
            }

            var file = ElfFile.Open(source);
            if (file.FindSection(ElfSectionType.SHT_DYNSYM) is not { } section)
            {
                return false;
            }

            var symbols = ElfSymbolTable.Read(file, section);
            for (int i = 1; i < symbols.Count; i++)
            {
                if (s_starters.Contains(Encoding.UTF8.GetString(symbols.NameOf(symbols[i]))))
                {
                    return true;
                }
            }

            return false;
        }
        catch (Exception failure) when (failure is ParseException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"^(python|pypy)[0-9]*(\.[0-9]+)*[a-z]*(-dbg)?$")]
    private static partial Regex InterpretersName();

    [GeneratedRegex("""\A#![^\n]*sh\n'''exec' ("(?<quoted>[^"\n]+)"|(?<bare>[^\s"]+)) "\$0" """)]
    private static partial Regex Wrapper();

    [GeneratedRegex("""^exec "(?<pyenv>/[^"\n]*/pyenv)" exec "\$program" """, RegexOptions.Multiline)]
    private static partial Regex Shim();
}
