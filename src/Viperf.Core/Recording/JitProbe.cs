using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Viperf.Core.Linux;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;
using Viperf.Formats.Jit;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>
/// A made-up recording of one sample in jitted code, with a jitdump that has unwind information for it: whoever reads
/// both right shows that <see cref="Inner"/> was called by <see cref="Outer"/>. No program has to run for it.
/// </summary>
/// <param name="directory">Where its two files go.</param>
internal sealed class JitProbe(string directory)
{
    /// <summary>The function that the sample fell into.</summary>
    public const string Inner = "viperf_probe_inner";

    /// <summary>Its caller, which only unwind information leads to.</summary>
    public const string Outer = "viperf_probe_outer";

    private const int CodeBytes = 32;
    private const int DumpBytes = 64;
    private const ulong Marker = 0x7f12_0000_0000; // where the process had mapped the jitdump's first page
    private const ulong InnerAddress = 0x7f12_0010_0000;
    private const ulong OuterAddress = 0x7f12_0020_0000;
    private const ulong StackPointer = 0x7ffc_0000_1000;
    private const uint ReadExecute = 5;
    private const uint Private = 2;

    /// <summary>Bytes of a frame of either function: a return address, and a word below it.</summary>
    private const byte FrameBytes = 16;

    // The numbers of DWARF, and the places in the kernel's order of registers (asm/perf_regs.h).
    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    private static byte DwarfStackPointer => IsArm ? (byte)31 : (byte)7;

    private static byte DwarfReturnAddress => IsArm ? (byte)30 : (byte)16;

    private static int KernelStackPointer => IsArm ? 31 : 7;

    private static int KernelProgramCounter => IsArm ? 32 : 8;

    /// <summary>The recording's path.</summary>
    public string RecordingPath => Path.Combine(directory, "probe.data");

    /// <summary>The files that <c>perf inject --jit</c> makes of the code begin with this.</summary>
    public string InjectedPrefix => Path.Combine(directory, $"jitted-{Environment.ProcessId}-");

    private string DumpPath => Path.Combine(directory, $"jit-{Environment.ProcessId}.dump");

    /// <summary>Writes both files. The process they tell of is this one: readers look at its namespaces.</summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    public void Write()
    {
        ulong start = SystemClock.Now(SystemClock.Monotonic) ?? 0;
        using (var dump = new FileStream(DumpPath, FileMode.CreateNew))
        {
            var machine = IsArm ? ElfMachine.EM_AARCH64 : ElfMachine.EM_X86_64;
            uint pid = (uint)Environment.ProcessId;
            var writer = new JitDumpWriter(dump, new JitDumpHeader((uint)machine, pid, start));
            Span<byte> code = stackalloc byte[CodeBytes];
            code.Clear();
            ulong index = 0;
            foreach (var (name, address) in new[] { (Inner, InnerAddress), (Outer, OuterAddress) })
            {
                var (frame, header) = UnwindInformation();
                writer.WriteUnwindingInfo(start + 2, frame, header, (ulong)(frame.Length + header.Length));
                writer.WriteCodeLoad(start + 2, pid, address, ++index, Encoding.ASCII.GetBytes(name), code);
            }

            writer.WriteClose(start + 3);
        }

        WriteRecording(start);
    }

    private void WriteRecording(ulong start)
    {
        int pid = Environment.ProcessId;
        var options = new RecordOptions
        {
            CallGraph = true, StackDump = DumpBytes, ClockId = SystemClock.Monotonic, BuildIds = false, BpfEvents = false,
        };
        var spec = new EventSpec { Name = "cpu-clock", Kind = PerfEventKind.PERF_TYPE_SOFTWARE, Config = 0 };
        var attr = AttrBuilder.Build(spec, options, new AttrBuilder.Setting(1, false, false, false), tracking: true);
        var described = new EventDescription(0, attr, spec.Name, [1]);
        using var file = new FileStream(RecordingPath, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var writer = PerfDataWriter.CreateFile(file, [described]);
        var records = new RecordBuilder(described.Layout);
        writer.Write(records.Comm(pid, pid, "probe"u8, isExec: true, Trailer(start)));
        writer.Write(records.Mmap2(
            new MappedFile
            {
                Pid = pid, Tid = pid, Start = Marker, Length = (ulong)Environment.SystemPageSize,
                Protection = ReadExecute, Flags = Private, FileName = Encoding.UTF8.GetBytes(DumpPath),
            },
            RecordMisc.PERF_RECORD_MISC_USER, Trailer(start + 1)));
        writer.Write(Sample(described.Layout, pid, start + 4));
        var features = new FeatureWriter();
        features.SetText(HeaderFeature.ARCH, IsArm ? "aarch64" : "x86_64");
        features.SetCpuCount(1, 1);
        writer.Finish(features);

        SampleId Trailer(ulong time) => new(pid, pid, time, Id: 1, Cpu: 0);
    }

    /// <summary>PERF_RECORD_SAMPLE, with the fields in the kernel's order.</summary>
    private static byte[] Sample(EventLayout layout, int pid, ulong time)
    {
        var sample = new ByteWriter();
        sample.WriteUInt32((uint)RecordType.PERF_RECORD_SAMPLE);
        sample.WriteUInt16((ushort)RecordMisc.PERF_RECORD_MISC_USER);
        sample.WriteUInt16(0); // the size, set at the end
        Field(SampleFormat.PERF_SAMPLE_IDENTIFIER, 1);
        Field(SampleFormat.PERF_SAMPLE_IP, InnerAddress + CodeBytes / 2);
        Field(SampleFormat.PERF_SAMPLE_TID, (ulong)(uint)pid << 32 | (uint)pid);
        Field(SampleFormat.PERF_SAMPLE_TIME, time);
        Field(SampleFormat.PERF_SAMPLE_ADDR, 0);
        Field(SampleFormat.PERF_SAMPLE_CPU, 0);
        Field(SampleFormat.PERF_SAMPLE_PERIOD, 1);
        Field(SampleFormat.PERF_SAMPLE_CALLCHAIN, 0); // of no entries
        sample.WriteUInt64(2); // PERF_SAMPLE_REGS_ABI_64
        for (int register = 0; register < sizeof(ulong) * 8; register++)
        {
            if ((layout.UserRegistersMask >> register & 1) != 0)
            {
                sample.WriteUInt64(
                    register == KernelStackPointer ? StackPointer
                    : register == KernelProgramCounter ? InnerAddress + CodeBytes / 2
                    : 0);
            }
        }

        sample.WriteUInt64(DumpBytes);
        sample.WriteUInt64(0); // below the first return address
        sample.WriteUInt64(OuterAddress + CodeBytes / 2);
        sample.WriteZeros(DumpBytes - FrameBytes); // the outer function returns to 0: the end
        sample.WriteUInt64(DumpBytes); // all of it was copied
        Field(SampleFormat.PERF_SAMPLE_DATA_SRC, 0);
        sample.PatchUInt16(6, (ushort)sample.Length);
        return sample.Written.ToArray();

        void Field(SampleFormat field, ulong value)
        {
            if (layout.Has(field))
            {
                sample.WriteUInt64(value);
            }
        }
    }

    /// <summary>
    /// What CPython writes for a trampoline: <c>.eh_frame</c> of a common entry and one function's, which begins its code's
    /// size before the section, and the header with a table of that one function. Frames are <see cref="FrameBytes"/> long.
    /// </summary>
    private static (byte[] Frame, byte[] Header) UnwindInformation()
    {
        const byte pcRelative = 0x1b; // DW_EH_PE_pcrel | DW_EH_PE_sdata4
        const byte dataRelative = 0x3b;
        byte[] common =
        [
            1, (byte)'z', (byte)'R', 0, // version, augmentation
            1, 0x78, // factors of code and data: 1 and -8
            DwarfReturnAddress, 1, pcRelative,
            0x0c, DwarfStackPointer, FrameBytes, // DW_CFA_def_cfa
            (byte)(0x80 | DwarfReturnAddress), 1, // DW_CFA_offset: the return address is one word below
            0, 0,
        ];
        var frame = new ByteWriter();
        frame.WriteInt32(sizeof(int) + common.Length);
        frame.WriteInt32(0);
        frame.WriteBytes(common);
        int function = frame.Length;
        frame.WriteInt32(5 * sizeof(int));
        frame.WriteInt32(frame.Length); // back to the common entry, from here
        frame.WriteInt32(-(CodeBytes + frame.Length));
        frame.WriteInt32(CodeBytes);
        frame.WriteBytes([0, 0, 0, 0, 0, 0, 0, 0]); // no augmentation data, no instructions
        frame.WriteInt32(0); // the end
        byte[] bytes = frame.Written.ToArray();

        byte[] header = [1, pcRelative, 0x03, dataRelative, .. new byte[16]]; // version 1; the count is udata4
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), -(bytes.Length + 4));
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), 1);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), -(bytes.Length + CodeBytes));
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), function - bytes.Length);
        return (bytes, header);
    }
}
