using System.Runtime.InteropServices;
using System.Text;
using Viperf.Abi;
using Viperf.Core.Linux;
using Viperf.Core.Pipeline;
using Xunit;

namespace Viperf.Tests.Pipeline;

public sealed class CaptureSpoolTests : IDisposable
{
    private static readonly byte[] s_buildId = [.. Enumerable.Range(1, 20).Select(number => (byte)number)];

    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void What_was_written_is_read_back_with_the_same_addresses()
    {
        var processes = CaptureSpool.Read(new MemoryStream(Whole())).ToList();

        Assert.Equal([(0u, 41, 8), (1u, 42, 13)], processes.Select(process => (process.Index, process.Pid, process.PythonMinor)));
        Assert.All(processes, process => Assert.Equal(s_buildId, process.BuildId));
        Assert.Equal(["[kernel: not permitted]", "first", "seen", "[blocked: read]", "second"], processes[0].Code.Functions.Select(function => function.Name));
        Assert.Equal(["[kernel: not permitted]", "other"], processes[1].Code.Functions.Select(function => function.Name));
        Assert.True(processes[0].Code.TryFind(2, 4, out ulong offset));
        Assert.Equal(processes[0].Code.Functions[4].Start + 4, offset);
        Assert.True(processes[0].Code.TryFind(2, 4, out offset, isOutside: true));
        Assert.Equal(processes[0].Code.Functions[2].Start + 4, offset);
    }

    [Fact]
    public void Whatever_a_killed_recorder_got_written_counts_as_far_as_it_is_whole()
    {
        byte[] whole = Whole();
        int before = 0;
        for (int length = 0; length <= whole.Length; length++)
        {
            int functions = CaptureSpool.Read(new MemoryStream(whole, 0, length)).Sum(process => process.Code.Functions.Count);
            Assert.InRange(functions, before, before + 1);
            before = functions;
        }

        Assert.Equal(7, before);
    }

    [Fact]
    public void No_changed_byte_does_harm()
    {
        byte[] whole = Whole();
        for (int i = 0; i < whole.Length; i++)
        {
            foreach (byte change in (byte[])[0x01, 0x80, 0xff])
            {
                whole[i] ^= change;
                Assert.InRange(CaptureSpool.Read(new MemoryStream(whole)).Sum(process => process.Code.Functions.Count), 0, 7);
                whole[i] ^= change;
            }
        }
    }

    [Fact]
    public void While_the_recorder_lives_others_leave_the_file_alone()
    {
        using var spool = new CaptureSpool(_path);
        using var handle = NoFollowFile.Open(_path, out _);

        Assert.False(NoFollowFile.TryLock(handle));
        spool.Dispose();
        Assert.True(NoFollowFile.TryLock(handle));
    }

    private byte[] Whole()
    {
        using (var spool = new CaptureSpool(_path))
        {
            spool.Begin(0, 41, 8, s_buildId);
            spool.Add(0, Code(1, "first"), isOutside: false);
            spool.Begin(1, 42, 13, s_buildId);
            spool.Add(1, Code(1, "other"), isOutside: false);
            spool.Add(0, Code(2, "seen"), isOutside: true);
            spool.AddLeaf(0, "[blocked: read]");
            spool.Add(0, Code(2, "second"), isOutside: false);
        }

        return File.ReadAllBytes(_path);
    }

    private static byte[] Code(uint number, string name)
    {
        byte[] texts = Encoding.UTF8.GetBytes(name + "/a.py" + "\0\u0001");
        var head = new CaptureCode
        {
            Number = number, CodeBytes = 20, FirstLine = 1, NameBytes = (uint)name.Length, FileBytes = 5, LineBytes = 2,
        };
        return [.. MemoryMarshal.AsBytes(new ReadOnlySpan<CaptureCode>(in head)), .. texts];
    }
}
