using Viperf.Core.Profiles;

namespace Viperf.Core.Export;

/// <summary>Which samples are of time in which their thread did not run.</summary>
internal static class WaitSamples
{
    /// <summary>True if a stack ends with why its thread does not run.</summary>
    public static bool IsWait(ExportSource source, int stack) =>
        stack != StackTable.Empty && source.FrameOf(source.Profile.Stacks.FrameOf(stack)).Function.Kind == FrameKind.Wait;

    /// <summary>
    /// True if the source has time in which threads did not run, as recordings with the clocks <c>wall</c> and <c>gil</c> have.
    /// </summary>
    public static bool AreIn(ExportSource source)
    {
        foreach (int row in source.Rows)
        {
            int stack = source.Profile.Samples.KeyOf(row).Stack;

            // CPU time of asking for the interpreter's lock has this name too
            if (IsWait(source, stack) && source.FrameOf(source.Profile.Stacks.FrameOf(stack)).Function.Name != WaitNames.Gil)
            {
                return true;
            }
        }

        return false;
    }
}
