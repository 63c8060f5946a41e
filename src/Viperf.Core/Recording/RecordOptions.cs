namespace Viperf.Core.Recording;

/// <summary>What to record, of whom, and where to. The defaults are perf's.</summary>
public sealed record RecordOptions
{
    /// <summary>The most that fits a record, whose size has 16 bits; perf's limit. The kernel cuts to what is left.</summary>
    public const int LargestStackDump = 65528;

    /// <summary>The program to run and its arguments; empty to record only what runs already.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Variables of the program's environment besides viperf's own, or in their place.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>True to see which Python processes viperf's agent did not reach.</summary>
    public bool WatchesAgent { get; init; }

    /// <summary>The events; empty for <see cref="EventSpec.Default"/>.</summary>
    public IReadOnlyList<EventSpec> Events { get; init; } = [];

    /// <summary>Samples a second on each CPU, or null for 4000, or less where the kernel allows less.</summary>
    public uint? Frequency { get; init; }

    /// <summary>Events between two samples, in place of a frequency.</summary>
    public ulong? Period { get; init; }

    /// <summary>True to record call chains: by frame pointers, unless <see cref="StackDump"/> says otherwise.</summary>
    public bool CallGraph { get; init; }

    /// <summary>
    /// Bytes of user stack that each sample copies, with its registers, in place of the user's part of its call chain;
    /// a multiple of 8, at most <see cref="LargestStackDump"/>; 0 for none.
    /// </summary>
    public int StackDump { get; init; }

    /// <summary>
    /// True to make <see cref="StackDump"/> smaller where the rings are too small for samples of its size: a user may lock
    /// little memory. Captured Python frames are whole all the same.
    /// </summary>
    public bool FitsStackDump { get; init; }

    /// <summary>
    /// True to record the user's part of call chains by frame pointers as well, where there are stack dumps: whoever unwinds
    /// needs these only for chains that the kernel's limit cut.
    /// </summary>
    public bool FramePointersToo { get; init; }

    /// <summary>Makes the file's records of the recorded ones while they come; null to write them as they are.</summary>
    public ILiveRecords? LiveRecords { get; init; }

    /// <summary>
    /// How Python processes get to write down their own frames; null if they do not. Needs <see cref="LiveRecords"/>,
    /// stack dumps and CLOCK_MONOTONIC.
    /// </summary>
    public CaptureOptions? Capture { get; init; }

    /// <summary>Frames of a call chain at most, or null for what kernel.perf_event_max_stack allows.</summary>
    public int? MaxStack { get; init; }

    /// <summary>True to leave the kernel's part out of call chains.</summary>
    public bool UserCallchains { get; init; }

    /// <summary>True to leave the user's part out of call chains.</summary>
    public bool KernelCallchains { get; init; }

    /// <summary>True to leave the kernel out of every event.</summary>
    public bool AllUser { get; init; }

    /// <summary>True to leave user space out of every event.</summary>
    public bool AllKernel { get; init; }

    /// <summary>Processes to attach to, with their threads.</summary>
    public IReadOnlyList<int> Pids { get; init; } = [];

    /// <summary>Threads to attach to.</summary>
    public IReadOnlyList<int> Tids { get; init; } = [];

    /// <summary>True to record all that runs on the machine.</summary>
    public bool SystemWide { get; init; }

    /// <summary>The CPUs to record on, or null for all.</summary>
    public IReadOnlyList<int>? Cpus { get; init; }

    /// <summary>True if threads and processes that the target starts are recorded too.</summary>
    public bool Inherit { get; init; } = true;

    /// <summary>Milliseconds to wait before counting begins; -1 never begins it; null does not wait.</summary>
    public int? DelayMilliseconds { get; init; }

    /// <summary>The clock of the time stamps (<c>clock_gettime(2)</c>), or null for the scheduler's.</summary>
    public int? ClockId { get; init; }

    /// <summary>Pages of each CPU's ring, a power of two, or null for what the mlock limit allows.</summary>
    public int? RingPages { get; init; }

    /// <summary>True to record the data addresses of samples, and mappings that are not executable.</summary>
    public bool Addresses { get; init; }

    /// <summary>True to record the CPU of each sample; so it is anyway for a recording of CPUs.</summary>
    public bool SampleCpu { get; init; }

    /// <summary>True if the kernel should put build-ids into its records of mappings.</summary>
    public bool BuildIds { get; init; } = true;

    /// <summary>True to record programs that BPF loads and unloads.</summary>
    public bool BpfEvents { get; init; } = true;

    /// <summary>Where the recording goes; "-" for standard output, in perf's pipe form.</summary>
    public string OutputPath { get; init; } = "perf.data";

    /// <summary>The command line to note in the recording, program name first.</summary>
    public IReadOnlyList<string> CommandLine { get; init; } = [];

    /// <summary>Takes messages for the user, a line each; null to drop them.</summary>
    public Action<string>? Notice { get; init; }

    /// <summary>Takes details of how events were opened, a line each; null to drop them.</summary>
    public Action<string>? Detail { get; init; }
}
