using Viperf.Core.Profiles;

namespace Viperf.Tests.Profiles;

/// <summary>
/// Makes profiles by hand: a stack is written <c>"main;f;g"</c>, outermost first. A name alone is a function of
/// <c>app</c>; <c>lib!f</c> one of another module, <c>[k]f</c> one of the kernel, and <c>0x12</c> an address that nothing
/// names; <c>(f)</c> is a function that was inlined into what stands before it. Programs begin in <c>_start</c>.
/// </summary>
internal sealed class ProfileBuilder
{
    private readonly Dictionary<string, ulong> _starts = [];
    private int _event;

    public ProfileBuilder() => Profile.Events.Add(new ProfileEvent("cpu-clock", IsClock: true));

    public Profile Profile { get; } = new();

    /// <summary>The samples that follow are of another event.</summary>
    public ProfileBuilder Event(string name)
    {
        _event = Profile.Events.Count;
        Profile.Events.Add(new ProfileEvent(name, IsClock: false));
        return this;
    }

    /// <summary>The current event has call chains, made by frame pointers or from copies of so many bytes of stack.</summary>
    public ProfileBuilder CallChains(uint stackDump = 0, int maxStack = 0)
    {
        Profile.Events[_event] = Profile.Events[_event] with { HasCallChains = true, StackDump = stackDump, MaxStack = maxStack };
        return this;
    }

    /// <summary>Adds samples with a period of one each.</summary>
    public ProfileBuilder Samples(
        int count, string stack, string comm = "app", int pid = 1, int tid = 1, int cpu = -1,
        StackEnd end = StackEnd.Unknown, bool isGuessed = false)
    {
        int node = StackTable.Empty;
        int last = -1;
        foreach (string frame in stack.Split(';'))
        {
            last = frame.StartsWith('(') ? InlinedInto(last, frame[1..^1]) : FrameOf(frame);
            node = Profile.Stacks.Intern(node, last);
        }

        for (int i = 0; i < count; i++)
        {
            Profile.Samples.Add(new SampleKey(_event, pid, tid, Profile.Comms.Intern(comm), cpu, node, end, isGuessed), period: 1);
        }

        return this;
    }

    /// <summary>The frame of a function that lies at another one's address; one address has one function at each level.</summary>
    private int InlinedInto(int caller, string name)
    {
        var place = Profile.Frames[caller];
        int frame = Profile.Frames.Intern(place with { InlineLevel = (ushort)Math.Max(place.InlineLevel + 1, 2) });
        Profile.Frames.SetFunction(frame, Profile.Functions.Intern(new Function(name, place.Module, Start: 0) { IsInlined = true }));
        return frame;
    }

    private int FrameOf(string text)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal))
        {
            return Profile.Frames.Intern(
                new Frame(Convert.ToUInt64(text, 16), ModuleTable.Unknown, FrameMode.User, IsReturnAddress: false));
        }

        bool isKernel = text.StartsWith("[k]", StringComparison.Ordinal);
        string[] parts = (isKernel ? text[3..] : text).Split('!');
        int module = Profile.Modules.Intern(isKernel
            ? new Module(ModuleKind.Kernel, "[kernel.kallsyms]", "", 0, 0)
            : new Module(ModuleKind.File, $"/bin/{(parts.Length > 1 ? parts[0] : "app")}", "", 0, 1));

        // name@3 is the address three bytes into the function.
        string[] place = parts[^1].Split('@');
        if (!_starts.TryGetValue(place[0], out ulong start))
        {
            start = 0x100UL * (ulong)(_starts.Count + 1);
            _starts.Add(place[0], start);
        }

        ulong offset = place.Length > 1 ? ulong.Parse(place[1]) : 0;
        int frame = Profile.Frames.Intern(
            new Frame(start + offset, module, isKernel ? FrameMode.Kernel : FrameMode.User, IsReturnAddress: false));
        Profile.Frames.SetFunction(frame, Profile.Functions.Intern(new Function(place[0], module, start)), place[0] == "_start");
        return frame;
    }
}
