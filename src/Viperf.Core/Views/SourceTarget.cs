using Viperf.Core.Profiles;

namespace Viperf.Core.Views;

/// <summary>What of a profile's source is to be shown: a file, a class, or a function.</summary>
/// <param name="Title">What people call it.</param>
/// <param name="File">Its file, as functions have it.</param>
/// <param name="IsPython">Whether it is Python's.</param>
/// <param name="IsWholeFile">True if all of the file is meant.</param>
/// <param name="FirstLine">Where it begins; 0 for the file's start, or where nobody says.</param>
/// <param name="Functions">Indexes of its functions in <see cref="CodePlaces.Functions"/>.</param>
public sealed record SourceTarget(
    string Title, string File, bool IsPython, bool IsWholeFile, int FirstLine, IReadOnlySet<int> Functions)
{
    /// <summary>All of a file.</summary>
    /// <param name="places">The profile's places.</param>
    /// <param name="file">One of its functions.</param>
    public static SourceTarget OfFile(CodePlaces places, SourceFunction file)
    {
        ArgumentNullException.ThrowIfNull(places);
        ArgumentNullException.ThrowIfNull(file);
        var functions = Enumerable.Range(0, places.Functions.Count)
            .Where(index => places.Functions[index].File == file.File && places.Functions[index].IsPython == file.IsPython);
        return new(file.ShortFile, file.File, file.IsPython, IsWholeFile: true, FirstLine: 0, functions.ToHashSet());
    }

    /// <summary>A function, or what others of a class are in.</summary>
    /// <param name="places">The profile's places.</param>
    /// <param name="functions">Indexes of one function, or of those of one class.</param>
    public static SourceTarget OfFunctions(CodePlaces places, IReadOnlyList<int> functions)
    {
        ArgumentNullException.ThrowIfNull(places);
        ArgumentNullException.ThrowIfNull(functions);
        var first = functions.Select(index => places.Functions[index]).MinBy(static function => function.FirstLine)!;
        string title = functions.Count == 1 ? first.Name : first.Name[..first.Name.LastIndexOf('.')];
        return new($"{title} ({first.Place})", first.File, first.IsPython, first.Name == SourceFunction.Module,
            first.FirstLine, functions.ToHashSet());
    }

    /// <summary>
    /// The same with what is defined within it: a lambda's or generator expression's time is that of a line of the function around.
    /// </summary>
    /// <param name="places">The profile's places.</param>
    /// <param name="lastLine">Where its block ends; null where the source is not to be had, then names tell.</param>
    public SourceTarget WithInner(CodePlaces places, int? lastLine)
    {
        ArgumentNullException.ThrowIfNull(places);
        if (IsWholeFile || !IsPython)
        {
            return this;
        }

        var prefixes = Functions.Select(index => $"{places.Functions[index].Name}.").ToList();
        return this with
        {
            Functions = Enumerable.Range(0, places.Functions.Count).Where(index => Functions.Contains(index) || IsInner(places.Functions[index]))
                .ToHashSet(),
        };

        bool IsInner(SourceFunction function) => function.IsPython && function.File == File
            && (lastLine is { } last && FirstLine > 0
                ? function.FirstLine >= FirstLine && function.FirstLine <= last && IsBehindFirst(function)
                : prefixes.Exists(prefix => function.Name.StartsWith(prefix, StringComparison.Ordinal)));

        // two lambdas of one line are no parts of each other
        bool IsBehindFirst(SourceFunction function) => function.FirstLine > FirstLine
            || prefixes.Exists(prefix => function.Name.StartsWith(prefix, StringComparison.Ordinal));
    }

    /// <summary>The function whose own code costs most; null if no sample has any with source.</summary>
    public static SourceTarget? Hottest(Profile profile, SampleFilter filter, CodePlaces places)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(places);
        var self = new Dictionary<int, ulong>();
        for (int row = 0; row < profile.Samples.Count; row++)
        {
            var key = profile.Samples.KeyOf(row);
            if (key.Stack != StackTable.Empty && filter.AcceptsThread(profile, key)
                && places.Of(profile.Stacks.FrameOf(key.Stack)) is { Line: > 0 } place)
            {
                self[place.Function] = self.GetValueOrDefault(place.Function) + profile.Samples.PeriodOf(row);
            }
        }

        return self.Count == 0 ? null : OfFunctions(places, [self.MaxBy(static one => one.Value).Key]);
    }
}
