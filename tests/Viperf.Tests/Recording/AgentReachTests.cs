using System.Text;
using Viperf.Core.Recording;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.Recording;

/// <summary>Which processes are said to have run Python without the agent.</summary>
public class AgentReachTests
{
    private const string Python = "/usr/bin/python3.11";
    private const string Agent = "/tmp/viperf-agent-0/0123456789abcdef/libviperf-agent.so";

    private readonly AgentReach _reach = new();
    private ulong _time;

    [Fact]
    public void A_process_with_the_interpreter_and_no_agent_is_missed_and_one_with_both_is_not()
    {
        Map(1, Python).Map(1, "/lib/libc.so.6");
        Map(2, Agent).Map(2, "/usr/lib/libpython3.13.so.1.0");
        Map(3, "/bin/true").Map(3, "/lib/libc.so.6");
        Assert.Equal([1], _reach.FindMissed());
    }

    [Fact]
    public void Each_program_that_a_process_becomes_counts_by_itself()
    {
        Map(1, Python).Map(1, Agent);
        Execute(1).Map(1, Python);
        Execute(1).Map(1, "/bin/sh");
        Assert.Equal([1], _reach.FindMissed());
    }

    [Fact]
    public void Records_of_other_rings_may_come_first()
    {
        _time = 30;
        Map(1, Agent);
        _time = 10;
        Execute(1);
        _time = 20;
        Map(1, Python);
        _time = 50;
        Map(1, Python);
        _time = 40;
        Execute(1);
        Assert.Equal([1], _reach.FindMissed());
    }

    [Fact]
    public void A_name_that_is_not_execs_changes_nothing()
    {
        Map(1, Python).Name(1, isExec: false).Map(1, Agent);
        Assert.Empty(_reach.FindMissed());
    }

    [Theory]
    [InlineData("/usr/bin/python3", true)]
    [InlineData("/opt/x/bin/python3.13", true)]
    [InlineData("/opt/x/bin/python", true)]
    [InlineData("/usr/lib/libpython3.8.so.1.0", true)]
    [InlineData("/usr/lib/python3/dist-packages/apt_pkg.cpython-311-x86_64-linux-gnu.so", false)]
    [InlineData("/usr/lib/libpython2.7.so.1.0", false)]
    [InlineData("/usr/bin/pythonic", false)]
    [InlineData("//anon", false)]
    [InlineData("", false)]
    public void Interpreters_are_known_by_their_files_names(string path, bool isPython) =>
        Assert.Equal(isPython, AgentReach.IsPython(Encoding.UTF8.GetBytes(path)));

    [Fact]
    public void A_record_that_is_cut_short_tells_nothing()
    {
        foreach (var type in new[] { RecordType.PERF_RECORD_MMAP, RecordType.PERF_RECORD_MMAP2, RecordType.PERF_RECORD_COMM })
        {
            byte[] bytes = [(byte)type, 0, 0, 0, 0, 0x20, 12, 0, 1, 0, 0, 0];
            _reach.OnRecord(new RecordView(bytes, "test", 0), 0);
        }

        Assert.Empty(_reach.FindMissed());
    }

    private AgentReachTests Map(int pid, string path)
    {
        var body = new ByteWriter();
        body.WriteInt32(pid);
        body.WriteInt32(pid);
        body.WriteBytes(new byte[3 * sizeof(ulong) + 24]);
        body.WriteUInt32(MmapView.ProtExec);
        body.WriteUInt32(0);
        body.WriteBytes(Encoding.UTF8.GetBytes(path + '\0'));
        return Send(RecordType.PERF_RECORD_MMAP2, 0, body);
    }

    private AgentReachTests Execute(int pid) => Name(pid, isExec: true);

    private AgentReachTests Name(int pid, bool isExec)
    {
        var body = new ByteWriter();
        body.WriteInt32(pid);
        body.WriteInt32(pid);
        body.WriteBytes("name\0\0\0\0"u8);
        return Send(RecordType.PERF_RECORD_COMM, isExec ? RecordMisc.PERF_RECORD_MISC_COMM_EXEC : 0, body);
    }

    private AgentReachTests Send(RecordType type, RecordMisc misc, ByteWriter body)
    {
        var record = new ByteWriter();
        record.WriteUInt32((uint)type);
        record.WriteUInt16((ushort)misc);
        record.WriteUInt16((ushort)(RecordHeader.ByteCount + body.Length));
        record.WriteBytes(body.Written);
        _reach.OnRecord(new RecordView(record.Written, "test", 0), _time++);
        return this;
    }
}
