using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Viperf.Formats.Dwarf;

namespace Viperf.Tests.Dwarf;

/// <summary>A function with its rows as binutils' readelf prints them: cells by register name, "CFA" among them.</summary>
internal sealed record ReadelfFunction(ulong Start, ulong End, SortedDictionary<ulong, Dictionary<string, string>> Rows);

/// <summary>Reads <c>readelf --debug-dump=frames-interp</c>, and writes our rows the same way.</summary>
internal static partial class ReadelfRows
{
    private static readonly string[] s_x64 =
        ["rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"];

    /// <summary>The functions of one section; null where readelf is not installed.</summary>
    public static List<ReadelfFunction>? Read(string path, string section)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("readelf", ["--wide", "--debug-dump=frames-interp", path])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            var functions = Parse(process.StandardOutput, section);
            process.WaitForExit();
            return functions;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static List<ReadelfFunction> Parse(TextReader output, string section)
    {
        List<ReadelfFunction> functions = [];
        ReadelfFunction? function = null;
        string[] columns = [];
        bool isWanted = false;
        while (output.ReadLine() is { } line)
        {
            if (line.StartsWith("Contents of the ", StringComparison.Ordinal))
            {
                isWanted = line.Contains(section + " section", StringComparison.Ordinal);
                continue;
            }

            string[] words = RegisterCell().Replace(line, "$1").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (!isWanted || words.Length == 0 || words[^1] == "terminator")
            {
                continue;
            }

            int range = line.IndexOf(" pc=", StringComparison.Ordinal);
            if (range >= 0)
            {
                string[] ends = line[(range + 4)..].Split("..");
                function = new ReadelfFunction(Hex(ends[0]), Hex(ends[1]), []);
                functions.Add(function);
            }
            else if (line.Contains(" CIE ", StringComparison.Ordinal))
            {
                function = null;
            }
            else if (words[0] == "LOC")
            {
                columns = words[1..];
            }
            else if (function is not null && words.Length == columns.Length + 1)
            {
                // Of rows of one address the last holds.
                function.Rows[Hex(words[0])] = columns.Zip(words[1..]).ToDictionary(cell => cell.First, cell => cell.Second);
            }
        }

        return functions;
    }

    /// <summary>The cell of our row that readelf prints under a column's name.</summary>
    public static string Cell(in CfiRow row, string column)
    {
        if (column == "CFA")
        {
            return row.Cfa.Kind switch
            {
                CfaRuleKind.RegisterOffset => $"{NameOf(row, row.Cfa.Register)}{row.Cfa.Value:+0;-0;+0}",
                CfaRuleKind.Expression => "exp",
                _ => "none",
            };
        }

        int register = column switch
        {
            "ra" => row.ReturnAddressRegister,
            _ when Array.IndexOf(s_x64, column) is >= 0 and var number => number,
            _ => int.Parse(column[1..], CultureInfo.InvariantCulture), // aarch64: x29, and sp is never saved
        };
        var rule = row[register];
        return rule.Kind switch
        {
            CfiRuleKind.Unspecified or CfiRuleKind.Undefined => "u",
            CfiRuleKind.SameValue => "s",
            CfiRuleKind.Offset => $"c{rule.Value:+0;-0;+0}",
            CfiRuleKind.ValOffset => $"v{rule.Value:+0;-0;+0}",
            CfiRuleKind.Register => NameOf(row, (int)rule.Value),
            CfiRuleKind.Expression => "exp",
            _ => "vexp",
        };
    }

    private static string NameOf(in CfiRow row, int register) =>
        row.ReturnAddressRegister == 16
            ? register == 16 ? "rip" : s_x64[register]
            : register == 31 ? "sp" : $"x{register}";

    /// <summary>A register in a cell, as in "r1 (rdx)".</summary>
    [GeneratedRegex(@"\br\d+ \((\w+)\)")]
    private static partial Regex RegisterCell();

    private static ulong Hex(string digits) => ulong.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
