using Viperf.Core.Profiles;

namespace Viperf.Tests.Views;

/// <summary>A profile made of stacks of lines.</summary>
internal sealed class SourceProfile
{
    public SourceProfile()
    {
        Profile.Events.Add(new("cpu-clock", IsClock: true));
        Profile.Events.Add(new("page-faults", IsClock: false));
        Profile.Comms.Intern("python");
    }

    public Profile Profile { get; } = new();

    public CodePlaces Places { get; } = new();

    /// <summary>Adds a function that has source.</summary>
    public int Function(string name, string file = "/srv/app.py", int firstLine = 0, bool isPython = true) =>
        Places.Functions.Intern(new SourceFunction(name, file, firstLine, isPython) { ShortFile = Path.GetFileName(file) });

    /// <summary>Adds a frame at an instruction on a line; one of no function has no source.</summary>
    public int Frame(int function, int line, uint offset = 0)
    {
        string name = function < 0 ? "malloc" : Places.Functions[function].Name;
        int frame = Profile.Frames.Intern(
            new Frame((ulong)((function + 1) * 100_000 + line * 100) + offset, Module: 0, FrameMode.User, IsReturnAddress: false));
        Profile.Frames.SetFunction(frame, Profile.Functions.Intern(new Function(name, 0, (ulong)function)));
        if (function >= 0)
        {
            Places.Add(frame, new CodePlace(function, line, offset));
        }

        return frame;
    }

    /// <summary>Adds samples.</summary>
    /// <param name="period">Their period.</param>
    /// <param name="frames">The outermost first.</param>
    /// <param name="tid">Their thread.</param>
    /// <param name="eventIndex">Their event.</param>
    public void Add(ulong period, int[] frames, int tid = 1, int eventIndex = 0)
    {
        int stack = frames.Aggregate(StackTable.Empty, Profile.Stacks.Intern);
        Profile.Samples.Add(new(eventIndex, Pid: 1, tid, Comm: 0, Cpu: -1, stack), period);
    }
}
