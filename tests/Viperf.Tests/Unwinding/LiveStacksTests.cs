using System.Runtime.InteropServices;
using Viperf.Core.Linux;
using Viperf.Core.Pipeline;
using Viperf.Core.Processes;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Core.Unwinding;
using Viperf.Formats.Elf;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.Unwinding;

/// <summary>
/// Real stacks whose truth is known: a program that a timer interrupts anywhere (prologues, stubs of the linkage table, the
/// C library's sort, nested signal handlers, realigned frames) writes its registers, its stack, and what the C library's
/// unwinder makes of them (tests/Viperf.Tests/Unwinding/snapshots.c).
/// </summary>
public sealed class LiveStacksTests : IDisposable
{
    private const int Wanted = 250;
    private const int Registers = 17;

    /// <summary>Frames above the interrupted one: the handler and the C library's trampoline that it returns to.</summary>
    private const int HandlerFrames = 2;

    private readonly string _directory = Directory.CreateTempSubdirectory("viperf-live-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("-O0")]
    [InlineData("-O2")]
    [InlineData("-O2", "-fno-omit-frame-pointer")]
    [InlineData("-O2", "-static")]
    public void Every_stack_is_the_one_that_the_C_librarys_unwinder_finds(params string[] options)
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the program writes registers of x86-64");
        string program = Path.Combine(_directory, "program");
        string source = Path.Combine(Fixtures.Root, "tests", "Viperf.Tests", "Unwinding", "snapshots.c");
        Assert.SkipUnless(Programs.Run("gcc", [.. options, "-w", "-o", program, source, "-lpthread"]), "gcc is not installed, or not for this");
        string snapshots = Path.Combine(_directory, "snapshots");
        string maps = Path.Combine(_directory, "maps");
        Assert.True(Programs.Run(program, [snapshots, $"{Wanted}", maps]));

        List<string> warnings = [];
        var profile = new Profile();
        var process = ProcessOf(profile, maps);
        using var jitDumps = new JitDumps(profile, new SymbolizerOptions());
        var jitted = new JittedCode(profile, ElfMachine.EM_X86_64, jitDumps, new SymbolizerOptions(), isLive: false, warnings.Add);
        using var unwinder = ProcessUnwinder.For(
            profile, ElfMachine.EM_X86_64, new FileFinder(new SymbolizerOptions()), jitted, warnings.Add)!;
        var random = new Random(20261123);
        int count = 0;
        int frames = 0;
        int unknown = 0;
        foreach (var (snapshot, truth) in Read(snapshots))
        {
            count++;
            if (truth.Length == 1)
            {
                unknown++; // a static program's stubs have no call frame information, and the C library's unwinder gives up there
                continue;
            }

            var found = Unwind(unwinder, process, snapshot, dumpBytes: null);
            Assert.Equal(truth, found.Addresses);
            Assert.Equal((StackEnd.Complete, false), (found.End, found.IsGuessed));
            int bytes = random.Next(1, snapshot.StackBytes);
            var cut = Unwind(unwinder, process, snapshot, bytes);
            Assert.Equal(truth[..cut.Addresses.Length], cut.Addresses);
            Assert.Equal(cut.Addresses.Length == truth.Length ? StackEnd.Complete : StackEnd.CutByDump, cut.End);
            Assert.False(cut.IsGuessed);
            frames += truth.Length;
        }

        Assert.Equal(2 * Wanted, count);
        Assert.InRange(unknown, 0, options.Contains("-static") ? count / 5 : 0);
        Assert.True(frames > 5 * count, $"{frames} frames in {count} stacks");
        Assert.Empty(warnings);
    }

    private static Unwound Unwind(ProcessUnwinder unwinder, ProcessState process, Snapshot snapshot, int? dumpBytes)
    {
        var chain = new CallChain();
        var record = new RecordView(snapshot.Record(dumpBytes), "snapshot", 0);
        var result = unwinder.Unwind(process, null, new SampleView(record, snapshot.Event.Layout).UserState(), chain);
        return new Unwound([.. chain.Entries], result.End, result.IsGuessed);
    }

    /// <summary>A process with the mappings that the program had.</summary>
    private static ProcessState ProcessOf(Profile profile, string maps)
    {
        var timeline = new ProcessTimeline(profile);
        var records = new RecordBuilder(new EventDescription(0, new PerfEventAttr(), "cpu-clock", [1]).Layout);
        foreach (string line in File.ReadLines(maps))
        {
            if (ProcessMapping.TryParse(System.Text.Encoding.UTF8.GetBytes(line), out var mapping)
                && (mapping.Protection & ProcessMapping.ProtExec) != 0)
            {
                var file = new MappedFile
                {
                    Pid = 1,
                    Tid = 1,
                    Start = mapping.Start,
                    Length = mapping.End - mapping.Start,
                    FileOffset = mapping.FileOffset,
                    Protection = mapping.Protection,
                    FileName = mapping.Path,
                };
                timeline.OnRecord(new RecordView(records.Mmap2(file, RecordMisc.PERF_RECORD_MISC_USER), "maps", 0), 0);
            }
        }

        return timeline.Thread(1, 1).Process;
    }

    /// <summary>
    /// What the program wrote: the truth begins where the signal interrupted it. That may be the trampoline, on the way back from
    /// the handler of another signal: its address is then there twice, so the frame is counted, not searched for.
    /// </summary>
    private static IEnumerable<(Snapshot Snapshot, ulong[] Truth)> Read(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            ulong[] registers = Words(reader, Registers);
            ulong[] chain = Words(reader, (int)reader.ReadUInt64());
            byte[] stack = reader.ReadBytes((int)reader.ReadUInt64());
            var snapshot = new Snapshot(ElfMachine.EM_X86_64, registers[Snapshot.Rsp]).Bytes(stack);
            for (int register = 0; register < Registers; register++)
            {
                snapshot.Register(register, registers[register]);
            }

            Assert.Equal(registers[Snapshot.Rip], chain[HandlerFrames]);
            yield return (snapshot, chain[HandlerFrames..]);
        }
    }

    private static ulong[] Words(BinaryReader reader, int count) => [.. Enumerable.Range(0, count).Select(_ => reader.ReadUInt64())];
}
