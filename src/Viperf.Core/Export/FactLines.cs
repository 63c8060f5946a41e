using System.Globalization;
using Viperf.Core.Profiles;

namespace Viperf.Core.Export;

/// <summary>What a recording says of itself as names and values, for formats that have room for comments.</summary>
internal static class FactLines
{
    /// <summary>The facts that are known.</summary>
    public static IEnumerable<(string Name, string Value)> Of(RecordingFacts facts)
    {
        (string Name, string? Value)[] all =
        [
            ("command", string.Join(' ', facts.CommandLine)),
            ("host", facts.HostName),
            ("kernel", facts.KernelRelease),
            ("architecture", facts.Architecture),
            ("processor", facts.Processor),
            ("cpus", facts.Cpus?.ToString(CultureInfo.InvariantCulture)),
            ("memory", facts.Memory is > 0 and var bytes ? $"{bytes} bytes" : null),
            ("recorder", facts.RecorderVersion),
            ("frequency", facts.Frequency > 0 ? $"{facts.Frequency} Hz" : null),
        ];
        foreach (var (name, value) in all)
        {
            if (!string.IsNullOrEmpty(value))
            {
                yield return (name, value);
            }
        }
    }
}
