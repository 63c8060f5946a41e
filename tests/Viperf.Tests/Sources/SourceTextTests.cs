using System.Text;
using Viperf.Core.Sources;
using Xunit;

namespace Viperf.Tests.Sources;

public class SourceTextTests
{
    [Theory]
    [InlineData("a\nb\n", "a|b")]
    [InlineData("a\nb", "a|b")]
    [InlineData("a\r\nb\r\n", "a|b")]
    [InlineData("a\rb\r\rc", "a|b||c")]
    [InlineData("\n\n", "|")]
    [InlineData("a\fb\u2028c", "a\fb\u2028c")] // no line ends of Python's
    [InlineData("", "")]
    public void Lines_end_where_Python_ends_them(string text, string lines) =>
        Assert.Equal(lines, string.Join('|', SourceText.LinesOf(Encoding.UTF8.GetBytes(text), isPython: true)));

    [Theory]
    [InlineData("# -*- coding: latin-1 -*-\n", "latin1")]
    [InlineData("#!/usr/bin/python\n# vim: set fileencoding=iso_8859_1 :\n", "latin1")]
    [InlineData("\n# coding: cp1252\n", "windows-1252")]
    [InlineData("# coding: koi8-r\n", "koi8-r")]
    [InlineData("# coding: no-such-thing\n", "latin1")]
    [InlineData("# coding: utf-8\n", "utf-8")]
    [InlineData("x = 1\n# coding: latin-1\n", "utf-8")] // not behind code
    [InlineData("\n\n# coding: latin-1\n", "utf-8")] // not in the third line
    public void Python_declares_its_encoding(string head, string encoding)
    {
        var declared = encoding.StartsWith("latin", StringComparison.Ordinal) ? Encoding.Latin1
            : CodePagesEncodingProvider.Instance.GetEncoding(encoding) ?? Encoding.UTF8;
        byte[] bytes = [.. Encoding.ASCII.GetBytes(head), .. declared.GetBytes("x = '" + (encoding == "koi8-r" ? "ж" : "é") + "'\n")];

        string last = SourceText.LinesOf(bytes, isPython: true)[^1];

        Assert.Equal(encoding == "koi8-r" ? "x = 'ж'" : "x = 'é'", last);
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_text_and_other_languages_are_UTF_8()
    {
        byte[] bytes = [.. Encoding.UTF8.Preamble, .. "# coding: latin-1\né\n"u8];
        Assert.Equal(["# coding: latin-1", "é"], SourceText.LinesOf(bytes, isPython: false));
    }

    [Fact]
    public void Bytes_of_no_character_are_shown_as_such() =>
        Assert.Equal(["a\ufffdb"], SourceText.LinesOf([(byte)'a', 0xff, (byte)'b'], isPython: true));

    [Theory]
    [InlineData("plain  ", "plain")]
    [InlineData("\tx\ty", "        x       y")]
    [InlineData("a\e[31mb", "a?[31mb")]
    [InlineData("a\u009b31mb", "a?31mb")] // a control sequence's start in one character
    [InlineData("a\u202eb\u2066c", "a?b?c")] // text that would run from right to left
    [InlineData("a\0b\x7f", "a?b?")]
    [InlineData("größe 漢字 👩\u200d🔬", "größe 漢字 👩\u200d🔬")]
    public void Shown_lines_command_no_terminal(string line, string shown) => Assert.Equal(shown, SourceLines.Shown(line));

    [Fact]
    public void Only_regular_files_of_reasonable_size_are_read()
    {
        string folder = Directory.CreateTempSubdirectory("viperf-test-").FullName;
        try
        {
            string large = Path.Combine(folder, "large.py");
            using (var file = File.Create(large))
            {
                file.SetLength(SourceText.MostBytes + 1);
            }

            Assert.Contains("16 MiB", Assert.Throws<IOException>(() => SourceText.Read(large, isPython: true)).Message);
            Assert.Throws<IOException>(() => SourceText.Read("/dev/zero", isPython: true));
            Assert.Throws<IOException>(() => SourceText.Read(folder, isPython: true));
            Assert.Throws<FileNotFoundException>(() => SourceText.Read(Path.Combine(folder, "none.py"), isPython: true));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
