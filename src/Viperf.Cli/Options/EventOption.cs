using System.CommandLine;
using Viperf.Core;
using Viperf.Core.Pipeline;

namespace Viperf.Cli.Options;

/// <summary>The option <c>--event</c> of commands that show one event: which.</summary>
internal static class EventOption
{
    /// <summary>Makes the option.</summary>
    public static Option<string?> Create() => new("--event")
    {
        Description = "Which event's samples, where several were recorded (default the first that has any)",
        HelpName = "EVENT",
    };

    /// <summary>The event's index among the profile's.</summary>
    /// <param name="recording">The recording, read.</param>
    /// <param name="name">The event's name, or null for the first that has samples.</param>
    /// <exception cref="UserErrorException">There is no such event, or there are no samples.</exception>
    public static int Find(RecordingFile recording, string? name)
    {
        var events = recording.Profile.Events;
        if (name is not null)
        {
            int index = events.FindIndex(one => one.Name == name);
            return index >= 0 ? index : throw new UserErrorException(
                $"--event {name}: {recording.Path} has {string.Join(", ", events.Select(static one => one.Name))}", OptionGrammar.UsageError);
        }

        return recording.Profile.Samples.Count > 0
            ? recording.Profile.Samples.KeyOf(0).Event
            : throw new UserErrorException($"{recording.Path} has no samples");
    }
}
