namespace Viperf.Core.Profiles;

/// <summary>One event of the recording, as reports name it.</summary>
/// <param name="Name">As it was asked for, modifiers included (<c>cpu-clock:u</c>).</param>
/// <param name="IsClock">True if periods are nanoseconds of CPU time (cpu-clock, task-clock).</param>
public sealed record ProfileEvent(string Name, bool IsClock)
{
    /// <summary>Name of the event whose samples are of all time, also that in which threads do not run.</summary>
    public const string WallClock = "wall-clock";

    /// <summary>Name of the event whose samples are of time in which threads hold the interpreter's lock or wait for it.</summary>
    public const string GilClock = "gil-clock";

    /// <summary>True if its samples have call chains, or copies of stacks to make them from.</summary>
    public bool HasCallChains { get; init; }

    /// <summary>Bytes of stack that each sample copied; 0 where chains were made by frame pointers.</summary>
    public uint StackDump { get; init; }

    /// <summary>Frames of a call chain at most, as the recording asked for; 0 for the kernel's own limit.</summary>
    public int MaxStack { get; init; }
}

/// <summary>
/// A recording as tables of ints: samples point to stacks, stacks to frames, frames to functions and modules.
/// The pipeline's converter fills it; once symbols are looked up nothing changes it, and views, exporters
/// and reports read it and nothing else.
/// </summary>
public sealed class Profile
{
    /// <summary>The recording's events by index.</summary>
    public List<ProfileEvent> Events { get; } = [];

    /// <summary>Names of threads.</summary>
    public InternTable<string> Comms { get; } = new(StringComparer.Ordinal);

    /// <summary>Files and other things that code lay in.</summary>
    public ModuleTable Modules { get; } = new();

    /// <summary>Jitted code that a jitdump tells of.</summary>
    public JitCodeTable JitCodes { get; } = new();

    /// <summary>Distinct places in code.</summary>
    public FrameTable Frames { get; } = new();

    /// <summary>Distinct functions.</summary>
    public InternTable<Function> Functions { get; } = new();

    /// <summary>Distinct stacks.</summary>
    public StackTable Stacks { get; private set; } = new();

    /// <summary>Samples, equal ones summed.</summary>
    public SampleTable Samples { get; private set; } = new();

    /// <summary>Every sample in the order of time; null where that was not asked for.</summary>
    public SampleSeries? Series { get; set; }

    /// <summary>
    /// Where the recorded kernel had a symbol of its own, by which a list of another start of the same kernel is moved to its
    /// addresses; null where no record tells.
    /// </summary>
    public (string Symbol, ulong Address)? KernelReference { get; set; }

    /// <summary>Why places of a module have no name, by its index; for the modules whose symbols were asked for.</summary>
    public Dictionary<int, UnnamedReason> UnnamedReasons { get; } = [];

    /// <summary>Time of the first sample, nanoseconds of the recording's clock; 0 without samples.</summary>
    public ulong FirstSampleTime { get; set; }

    /// <summary>Time of the last sample, nanoseconds of the recording's clock.</summary>
    public ulong LastSampleTime { get; set; }

    /// <summary>Samples that the kernel had to drop, as its records say.</summary>
    public ulong LostSamples { get; set; }

    /// <summary>Records of other kinds, or of kinds unknown, that the kernel had to drop.</summary>
    public ulong LostRecords { get; set; }

    /// <summary>Records that could not be read and were left out.</summary>
    public ulong BadRecords { get; set; }

    /// <summary>
    /// Makes every sample's stack anew (see <see cref="Restacking"/>). Samples whose stacks become equal are summed. Takes time
    /// linear in the distinct stacks.
    /// </summary>
    /// <param name="append">Puts what stands for a frame onto its callers' new stack.</param>
    public void Restack(Func<StackTable, int, int, int> append)
    {
        ArgumentNullException.ThrowIfNull(append);
        var restacking = new Restacking(Stacks, append);
        var samples = new SampleTable();
        int[] rows = new int[Samples.Count];
        for (int row = 0; row < rows.Length; row++)
        {
            var key = Samples.KeyOf(row);
            rows[row] = samples.Add(key with { Stack = restacking.Of(key.Stack) }, Samples.PeriodOf(row), Samples.SamplesOf(row));
        }

        Stacks = restacking.Stacks;
        Samples = samples;
        Series?.Renumber(rows);
    }
}
