using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>
/// Parts of an attr that newer kernels have. The kernel answers EINVAL to what it does not know, without saying
/// which part it was: the newest are given up first, one at a time.
/// </summary>
internal sealed class KernelAbilities
{
    private static readonly (string Name, ReadFormat Read, AttrFlags Flags)[] NewestFirst =
    [
        ("PERF_FORMAT_LOST (Linux 6.0)", ReadFormat.PERF_FORMAT_LOST, 0),
        ("build-ids of mappings (Linux 5.12)", 0, AttrFlags.build_id),
        ("BPF events (Linux 5.1)", 0, AttrFlags.bpf_event),
        ("kernel symbols (Linux 5.1)", 0, AttrFlags.ksymbol),
    ];

    private int _given;

    /// <summary>
    /// Gives up the newest part that <paramref name="attr"/> uses. What the user asked for himself (a clock) is not
    /// among them: that is refused rather than recorded otherwise.
    /// </summary>
    /// <returns>Its name, or null if nothing is left to give up.</returns>
    public string? GiveUp(in PerfEventAttr attr)
    {
        while (_given < NewestFirst.Length)
        {
            var (name, read, flags) = NewestFirst[_given++];
            if ((attr.read_format & read) != 0 || (attr.flags & flags) != 0)
            {
                return name;
            }
        }

        return null;
    }

    /// <summary>Takes out of <paramref name="attr"/> what was given up.</summary>
    public void Restrict(ref PerfEventAttr attr)
    {
        for (int i = 0; i < _given; i++)
        {
            attr.read_format &= ~NewestFirst[i].Read;
            attr.flags &= ~NewestFirst[i].Flags;
        }
    }
}
