using System.Diagnostics;
using Viperf.Core;
using Viperf.Core.Recording;
using Xunit;

namespace Viperf.Tests.Recording;

public sealed class OutputFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("viperf-output-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_recording_that_does_not_come_about_leaves_the_older_one()
    {
        string path = Path.Combine(_directory, "perf.data");
        File.WriteAllText(path, "older");
        using (var output = OutputFile.Create(path))
        {
            output.Stream.Write("newer"u8);
        }

        Assert.Equal("older", File.ReadAllText(path));
        Assert.Equal(path, Assert.Single(Directory.GetFiles(_directory)));
    }

    [Fact]
    public void A_recording_that_is_kept_keeps_the_older_one_beside_it()
    {
        string path = Path.Combine(_directory, "perf.data");
        File.WriteAllText(path, "older");
        using (var output = OutputFile.Create(path))
        {
            output.Stream.Write("newer"u8);
            output.Keep();
        }

        Assert.Equal("newer", File.ReadAllText(path));
        Assert.Equal("older", File.ReadAllText(path + ".old"));
    }

    [Fact]
    public void A_device_is_never_deleted()
    {
        // Through a link: the test may run as root, and a mistake would cost the machine its /dev/null.
        string link = Path.Combine(_directory, "null");
        File.CreateSymbolicLink(link, "/dev/null");
        OutputFile.Create(link).Dispose();
        Assert.Equal("/dev/null", new FileInfo(link).LinkTarget);
    }

    [Fact]
    public void A_named_pipe_is_refused_and_stays()
    {
        string path = Path.Combine(_directory, "fifo");
        using (var make = Process.Start("mkfifo", path))
        {
            make.WaitForExit();
        }

        using var reader = new FileStream(path, FileMode.Open, FileAccess.ReadWrite); // or opening it would wait
        Assert.Contains("it is a pipe", Assert.Throws<UserErrorException>(() => OutputFile.Create(path)).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(path));
    }
}
