namespace Viperf.Core.Profiles;

/// <summary>
/// One distinct place in code. Whether the address is where the processor stood or where a call will return to is
/// part of the key: a return address is looked up one byte back, since the call may be its function's last
/// instruction.
/// </summary>
/// <param name="Address">In the module's own terms (see <see cref="ModuleKind"/>).</param>
/// <param name="Module">Index in <see cref="ModuleTable"/>.</param>
/// <param name="Mode">The processor's mode.</param>
/// <param name="IsReturnAddress">True for every frame but the leaf and the first after a mode switch.</param>
public readonly record struct Frame(ulong Address, int Module, FrameMode Mode, bool IsReturnAddress)
{
    /// <summary>Index in <see cref="Profile.JitCodes"/> of the code that lay at the address at the sample's time;
    /// <see cref="JitCodeTable.None"/> where no jitdump tells of any.</summary>
    public int JitCode { get; init; }

    /// <summary>
    /// Which of the functions at the address is meant, where several are because some were inlined: <see cref="WholePlace"/>
    /// for all of them together, 1 for the function whose code it is, 2 for what was inlined into that, and so on.
    /// </summary>
    public ushort InlineLevel { get; init; }

    /// <summary>True for a function that was inlined into another one: no call, and so no frame on the real stack.</summary>
    public bool IsInlined => InlineLevel > 1;

    /// <summary>The <see cref="InlineLevel"/> of frames as samples have them: an address with all that was inlined there.</summary>
    public const ushort WholePlace = 0;

    /// <summary>The address that names and lines are looked up by.</summary>
    public ulong LookupAddress => IsReturnAddress && Address != 0 ? Address - 1 : Address;
}

/// <summary>The distinct frames of a profile by index, and the function that each lies in once that is known.</summary>
public sealed class FrameTable
{
    /// <summary>A frame whose function was not looked up yet.</summary>
    public const int NotLookedUp = -1;

    private readonly InternTable<Frame> _frames = new();
    private readonly List<int> _functions = [];

    /// <summary>Frames that lie where programs and threads begin: few, whatever the profile's size.</summary>
    private readonly HashSet<int> _starts = [];

    /// <summary>Number of frames.</summary>
    public int Count => _frames.Count;

    /// <summary>The frame with an index that <see cref="Intern"/> gave.</summary>
    public Frame this[int index] => _frames[index];

    /// <summary>Index in <see cref="Profile.Functions"/> of a frame's function, or <see cref="NotLookedUp"/>.</summary>
    public int FunctionOf(int frame) => _functions[frame];

    /// <summary>True if a frame lies in code that programs or threads begin with: nothing called it.</summary>
    public bool IsStart(int frame) => _starts.Contains(frame);

    /// <summary>Says which function a frame lies in.</summary>
    /// <param name="frame">Index of the frame.</param>
    /// <param name="function">Index in <see cref="Profile.Functions"/>.</param>
    /// <param name="isStart">True if programs or threads begin there.</param>
    public void SetFunction(int frame, int function, bool isStart = false)
    {
        _functions[frame] = function;
        if (isStart)
        {
            _starts.Add(frame);
        }
    }

    /// <summary>Returns the index of an equal frame, adding it if there is none. Allocates nothing on a hit.</summary>
    public int Intern(in Frame frame)
    {
        int index = _frames.Intern(frame, out bool added);
        if (added)
        {
            _functions.Add(NotLookedUp);
        }

        return index;
    }
}
