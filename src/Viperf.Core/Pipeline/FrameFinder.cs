using Viperf.Core.Processes;
using Viperf.Core.Profiles;

namespace Viperf.Core.Pipeline;

/// <summary>
/// Finds the profile's frame for an address. Samples meet few addresses again and again, so most are answered by what
/// was found before.
/// </summary>
/// <param name="profile">Where frames are kept.</param>
/// <param name="timeline">What lies where, at the moment that the records have reached.</param>
/// <param name="jitCode">Tells jitted code apart that lay at one address at different times.</param>
internal sealed class FrameFinder(Profile profile, ProcessTimeline timeline, IJitCodeFinder jitCode)
{
    /// <summary>Two to this power is about the number of addresses that a program's samples meet often.</summary>
    private const int SlotBits = 12;

    /// <summary>2^64 divided by the golden ratio; see <see cref="Symbols.JitDumps"/>.</summary>
    private const ulong HashFactor = 0x9e3779b97f4a7c15;

    /// <summary>The generation of what no mapping changes. Empty slots have 0.</summary>
    private const uint Lasting = 1;

    /// <summary>The last answers, each where its address has its place.</summary>
    private readonly Slot[] _slots = new Slot[1 << SlotBits];

    /// <summary>Index of the frame of an address. Allocates nothing for one that was found before.</summary>
    /// <param name="address">Virtual address.</param>
    /// <param name="process">The process, at the sample's time.</param>
    /// <param name="mode">The processor's mode.</param>
    /// <param name="isReturnAddress">True if a call will return to the address.</param>
    /// <param name="time">Nanoseconds of CLOCK_MONOTONIC; null where the recording's clock is another.</param>
    public int Find(ulong address, ProcessState process, FrameMode mode, bool isReturnAddress, ulong? time)
    {
        var key = new Key(address, GenerationOf(process, mode), mode, isReturnAddress);
        ref var slot = ref _slots[(address * HashFactor) >> (64 - SlotBits)];
        bool isKnown = slot.Key == key;
        if (isKnown && !slot.IsJit)
        {
            return slot.Frame;
        }

        var mapping = mode switch
        {
            FrameMode.Kernel => timeline.FindKernel(address),
            FrameMode.User when process.TryFind(address, out var found) => found,
            _ => default, // module 0, the unknown one, at its virtual address
        };
        var frame = new Frame(address - mapping.Bias, mapping.Module, mode, isReturnAddress);
        int code = mapping.IsJit ? jitCode.Find(process, frame.LookupAddress, time) : JitCodeTable.None;
        if (isKnown && slot.JitCode == code)
        {
            return slot.Frame;
        }

        if (code != JitCodeTable.None)
        {
            frame = frame with { Module = profile.JitCodes[code].Module, JitCode = code };
        }

        int index = profile.Frames.Intern(frame);
        // Finding may have told the process that it runs another program now.
        slot = new Slot(key with { Generation = GenerationOf(process, mode) }, index, code, mapping.IsJit);
        return index;
    }

    private uint GenerationOf(ProcessState process, FrameMode mode) => mode switch
    {
        FrameMode.Kernel => timeline.Kernel.Generation,
        FrameMode.User => process.Generation,
        _ => Lasting,
    };

    /// <summary>What an answer depends on, but for the time.</summary>
    private readonly record struct Key(ulong Address, uint Generation, FrameMode Mode, bool IsReturnAddress);

    /// <summary>An answer; of jitted code it holds as long as the same code lies there.</summary>
    private readonly record struct Slot(Key Key, int Frame, int JitCode, bool IsJit);
}
