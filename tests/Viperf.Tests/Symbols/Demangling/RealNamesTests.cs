using System.Diagnostics;
using Viperf.Core.Symbols.Demangling;
using Xunit;

namespace Viperf.Tests.Symbols.Demangling;

/// <summary>Symbols of this machine's libraries, and of a source that is full of rare ones, beside what c++filt makes of them.</summary>
public sealed class RealNamesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("viperf-names-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("-O0")]
    [InlineData("-O2")]
    public void Rare_productions_of_GCC_are_as_in_cxxfilt(string level)
    {
        string source = Path.Combine(Fixtures.Root, "tests", "Viperf.Tests", "Symbols", "Demangling", "symbols.cpp");
        string file = Path.Combine(_directory, "symbols.o");
        Assert.SkipUnless(
            Run("g++", "", "-w", "-std=c++20", level, "-c", "-o", file, source) is not null, "g++ of version 10 or later is not installed");
        AssertAgreement(file, least: 60);
    }

    [Fact]
    public void The_standard_librarys_are_as_in_cxxfilt()
    {
        string? path = Run("gcc", "", "-print-file-name=libstdc++.so.6")?.Trim();
        Assert.SkipUnless(File.Exists(path), "libstdc++.so.6 is not where gcc looks for it");
        AssertAgreement(path!, least: 5000);
    }

    private static void AssertAgreement(string file, int least)
    {
        string[] symbols =
        [
            .. new[] { Run("nm", "", file), Run("nm", "", "-D", file) }
                .SelectMany(static text => (text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
                .Select(static line => line[(line.LastIndexOf(' ') + 1)..].Split('@')[0])
                .Where(static symbol => symbol.StartsWith('_'))
                .Distinct(),
        ];
        Assert.SkipWhen(symbols.Length == 0, "nm is not installed");
        string input = string.Join('\n', symbols) + "\n";
        foreach (bool withParameters in new[] { true, false })
        {
            string? readable = withParameters ? Run("c++filt", input, "-i") : Run("c++filt", input, "-i", "-p");
            Assert.SkipWhen(readable is null, "c++filt is not installed");
            Assert.Equal(
                readable!.Split('\n')[..^1],
                symbols.Select(symbol => Demangler.Demangle(symbol, withParameters) ?? symbol));
        }

        Assert.InRange(symbols.Count(static symbol => Demangler.Demangle(symbol) is not null), least, symbols.Length);
    }

    /// <summary>What a program writes; null if it is not there, or fails.</summary>
    private static string? Run(string program, string input, params IEnumerable<string> args)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, args)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            var writing = Task.Run(() =>
            {
                process.StandardInput.Write(input);
                process.StandardInput.Close();
            });
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Task.WaitAll(errors, writing);
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
