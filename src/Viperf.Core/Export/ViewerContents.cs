using Viperf.Core.Profiles;

namespace Viperf.Core.Export;

/// <summary>Looks for the text of a source file.</summary>
/// <param name="file">As the interpreter or the compiler calls it.</param>
/// <param name="isPython">Whether it is Python's.</param>
public delegate ViewerSource SourceLookup(string file, bool isPython);

/// <summary>A source file as a page has it.</summary>
/// <param name="Text">Its lines divided by line feeds, each harmless to look at; null where it is not to be had or not to be shown.</param>
/// <param name="Note">Why there is no text, or what is to be known about it; null for neither.</param>
public readonly record struct ViewerSource(string? Text, string? Note);

/// <summary>How stacks are shown in one mode.</summary>
/// <param name="Mode">What the mode is called, as of <c>--stacks</c>.</param>
/// <param name="Stacks">Its stacks; complete once <paramref name="Of"/> was asked for all.</param>
/// <param name="Of">Its stack for one of the profile's.</param>
public sealed record ViewerStacks(string Mode, StackTable Stacks, Func<int, int> Of);

/// <summary>Samples whose stacks end, or that have no name, for one reason.</summary>
/// <param name="Samples">How many they are.</param>
/// <param name="Reason">The reason in a few words.</param>
/// <param name="Remedy">What would help; null where nothing would, or need.</param>
/// <param name="IsGood">True if nothing is amiss with them.</param>
public readonly record struct ViewerGroup(ulong Samples, string Reason, string? Remedy, bool IsGood);

/// <summary>How good an event's stacks and names are.</summary>
/// <param name="Samples">Samples with a stack of the program.</param>
/// <param name="Complete">Those of them whose stack is complete.</param>
/// <param name="WithoutUser">Samples that have no stack of the program.</param>
/// <param name="Stacks">Samples by the reason for which their stacks end.</param>
/// <param name="Names">Samples at places without a name, by the reason for it.</param>
public sealed record ViewerQuality(
    ulong Samples, ulong Complete, ulong WithoutUser, IReadOnlyList<ViewerGroup> Stacks, IReadOnlyList<ViewerGroup> Names);

/// <summary>What a page shows beside the samples of its <see cref="ExportSource"/>.</summary>
public sealed record ViewerContents
{
    /// <summary>What the profile is of, in a word or two.</summary>
    public required string Title { get; init; }

    /// <summary>What is known of the recording, in the order in which it is shown.</summary>
    public required IReadOnlyList<(string Name, string Value)> Facts { get; init; }

    /// <summary>What was wrong with the recording.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Of each event, by its index in <see cref="Profile.Events"/>.</summary>
    public required IReadOnlyList<ViewerQuality> Quality { get; init; }

    /// <summary>The modes that the page can show, three at most, in the order in which they are offered.</summary>
    public required IReadOnlyList<ViewerStacks> Modes { get; init; }

    /// <summary>The one that is shown first.</summary>
    public required string Mode { get; init; }

    /// <summary>Finds the sources.</summary>
    public required SourceLookup Sources { get; init; }
}
