using System.Diagnostics;
using Viperf.Core.Symbols;
using Viperf.Formats.Bytes;
using Xunit;

namespace Viperf.Tests.Symbols;

public class XzLayoutTests
{
    [Theory]
    [InlineData("-0", 100_000)]
    [InlineData("-9", 100_000)]
    [InlineData("--block-size=10000", 100_000)]
    [InlineData("-6", 0)]
    public void The_length_of_the_content_is_known_before_it_is_read(string level, int length) =>
        Assert.Equal(length, XzLayout.ContentBytes(Compress(length, level), "test"));

    [Fact]
    public void What_takes_more_memory_than_it_should_is_refused() =>
        Assert.Contains("dictionary", Assert.Throws<ParseException>(
            () => XzLayout.ContentBytes(Compress(1000, "--lzma2=dict=512MiB"), "test")).Message, StringComparison.Ordinal);

    /// <summary>No byte of it can be changed so that something else than an error or a length comes out.</summary>
    [Fact]
    public void Damage_is_an_error_or_a_length_within_the_limit()
    {
        byte[] file = Compress(5000, "--block-size=1000");
        for (int i = 0; i < file.Length; i++)
        {
            foreach (byte value in (ReadOnlySpan<byte>)[0, 0x7f, 0x80, 0xff])
            {
                byte[] damaged = [.. file];
                damaged[i] = value;
                try
                {
                    Assert.InRange(XzLayout.ContentBytes(damaged, "test"), 0, Limits.MiniDebugInfoBytes);
                }
                catch (ParseException)
                {
                    // Said, with the place.
                }
            }

            Assert.Throws<ParseException>(() => XzLayout.ContentBytes(file.AsSpan(0, i), "test"));
        }
    }

    private static byte[] Compress(int length, string level)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/xz"), "xz is not installed");
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, [.. Enumerable.Range(0, length).Select(i => (byte)(i / 7))]);
            using var xz = Process.Start(new ProcessStartInfo("/usr/bin/xz", [level, "-c", path]) { RedirectStandardOutput = true })!;
            using var output = new MemoryStream();
            xz.StandardOutput.BaseStream.CopyTo(output);
            xz.WaitForExit();
            return output.ToArray();
        }
        finally
        {
            File.Delete(path);
        }
    }
}
