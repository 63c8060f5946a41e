using Viperf.Core.Pipeline;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;
using Viperf.Formats.PerfData;
using Viperf.Tests.PerfData;
using Xunit;

namespace Viperf.Tests.Pipeline;

public class CallchainRewriterTests
{
    private const ulong Ip = 0x1234;
    private const ulong User = CallchainContext.PERF_CONTEXT_USER;
    private const ulong Kernel = CallchainContext.PERF_CONTEXT_KERNEL;

    [Theory]
    [InlineData(RegistersAbi.PERF_SAMPLE_REGS_ABI_32, StackEnd.NoRegisters)]
    [InlineData(RegistersAbi.PERF_SAMPLE_REGS_ABI_64, StackEnd.NoRegisters)] // of an instruction pointer that is none
    public void A_sample_that_cannot_be_unwound_keeps_its_leaf_and_says_why(RegistersAbi abi, StackEnd end)
    {
        var chain = Rewrite(Sample(abi));
        Assert.Equal([User, Ip], chain[..2]);
        Assert.Equal(end, ChainMarks.Read(chain).End);
    }

    [Fact]
    public void A_stack_that_was_dropped_keeps_its_leaf_and_says_why()
    {
        var chain = Rewrite(Sample(RegistersAbi.PERF_SAMPLE_REGS_ABI_64), stackDropped: true);
        Assert.Equal([User, Ip], chain[..2]);
        Assert.Equal(StackEnd.Overload, ChainMarks.Read(chain).End);
    }

    [Fact]
    public void A_thread_of_the_kernel_has_the_kernels_frames_and_no_user_part_that_could_be_missing()
    {
        var parts = Sample(RegistersAbi.PERF_SAMPLE_REGS_ABI_NONE, RecordMisc.PERF_RECORD_MISC_KERNEL).Chain(Kernel, 1UL << 63);
        Assert.Equal([Kernel, 1UL << 63], Rewrite(parts));
    }

    [Theory]
    [InlineData(65_536 - 60)]
    [InlineData(65_536 - 100)]
    [InlineData(65_536 - 300)]
    public void A_sample_that_other_fields_fill_gets_what_fits(int rawBytes)
    {
        for (int less = 0; less < 40; less += 8)
        {
            var parts = Sample(RegistersAbi.PERF_SAMPLE_REGS_ABI_NONE).Without(SampleFormat.PERF_SAMPLE_REGS_USER).Raw(rawBytes - less);
            var chain = Rewrite(parts); // or the record would not be one
            Assert.True(chain.Length < 40);
        }
    }

    private static SampleParts Sample(RegistersAbi abi, RecordMisc mode = RecordMisc.PERF_RECORD_MISC_USER)
    {
        var parts = new SampleParts { Mode = mode }.Words(SampleFormat.PERF_SAMPLE_IP, Ip).Words(SampleFormat.PERF_SAMPLE_TID, 1UL << 32 | 1);
        return parts.Registers(abi, 0x180, abi == RegistersAbi.PERF_SAMPLE_REGS_ABI_NONE ? [] : [0x7000, 0]).Stack(0, 0);
    }

    private static ulong[] Rewrite(SampleParts parts, bool stackDropped = false)
    {
        using var rewriter = new CallchainRewriter(ElfMachine.EM_X86_64, new SymbolizerOptions(), isLive: false, _ => { });
        var source = new EventDescription(0, parts.Attr, "cpu-clock", [1]);
        var output = new ByteWriter();
        rewriter.OnRecord(new RecordView(parts.Record(), "sample", 0), source, 1, stackDropped, output);
        Assert.Equal(output.Length, BitConverter.ToUInt16(output.Written[RecordHeader.SizeOffset..]));
        var layout = new EventLayout(SampleRewriter.AttrOf(parts.Attr));
        return new SampleView(new RecordView(output.Written, "rewritten", 0), layout).Callchain().ToArray();
    }
}
