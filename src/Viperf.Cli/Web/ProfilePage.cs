using Viperf.Cli.Text;
using Viperf.Core.Export;
using Viperf.Core.Pipeline;
using Viperf.Core.Profiles;
using Viperf.Core.Sources;

namespace Viperf.Cli.Web;

/// <summary>The page that shows a recording.</summary>
internal static class ProfilePage
{
    private const string Resource = "viewer.html";

    /// <summary>The page without a profile, which viperf carries with it.</summary>
    public static ViewerPage Empty()
    {
        using var resource = typeof(ProfilePage).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is not in the program");
        byte[] template = new byte[resource.Length];
        resource.ReadExactly(template);
        return new ViewerPage(template);
    }

    /// <summary>
    /// Makes the data of a page. Frames of Python functions get the names that people know them by; the profile's stacks stay as
    /// they are.
    /// </summary>
    /// <param name="recording">A recording that was loaded with its series of samples, and is not folded.</param>
    /// <param name="places">Where its frames are in the source, native code's too.</param>
    /// <param name="sources">Finds the sources; null to take none.</param>
    public static byte[] DataOf(RecordingFile recording, CodePlaces places, SourceFinder? sources)
    {
        var quality = PageText.Quality(recording.Profile);
        StackMode[] modes = recording.HasPythonFunctions() ? [StackMode.Python, StackMode.Mixed, StackMode.Native] : [StackMode.Native];
        var folded = modes.Length > 1 ? recording.FoldInAllModes() : null;
        var source = new ExportSource(recording.Profile, ExportSource.AllEvents, places, recording.Facts);
        return ViewerData.Make(source, new ViewerContents
        {
            Title = PageText.Title(source, recording.Path),
            Facts = PageText.Facts(recording, source),
            Warnings = [.. recording.Warnings],
            Quality = quality,
            Modes = [.. modes.Select(mode => new ViewerStacks(
                NameOf(mode), folded?.TableOf(mode) ?? recording.Profile.Stacks, stack => folded?.Of(mode, stack) ?? stack))],
            Mode = NameOf(folded is null ? StackMode.Native : StackMode.Mixed),
            Sources = sources is null ? PageSources.None : new PageSources(sources, recording.Owner is null ? null : recording.Facts.Written).Find,
        });
    }

    private static string NameOf(StackMode mode) => mode.ToString().ToLowerInvariant();
}
