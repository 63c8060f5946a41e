using System.Globalization;
using Viperf.Core.Profiles;

namespace Viperf.Core.Views;

/// <summary>
/// Finds what people mean by a name: a file (<c>app.py</c>, <c>json.encoder</c>), a function (<c>Tree.insert</c>, <c>insert</c>,
/// <c>app.py:insert</c>, <c>json.encoder.JSONEncoder.encode</c>), the one at a line (<c>app.py:12</c>), a class.
/// </summary>
/// <param name="places">The profile's places.</param>
/// <param name="isPython">Whether Python's are meant, or native ones.</param>
public sealed class TargetSearch(CodePlaces places, bool isPython)
{
    /// <summary>Letters in which a name may differ from the one that was meant.</summary>
    private const int FarthestName = 3;

    private readonly List<int> _functions =
        [.. Enumerable.Range(0, places.Functions.Count).Where(index => places.Functions[index].IsPython == isPython)];

    /// <summary>Finds all that it may be: none if nothing has that name, several if it is not clear.</summary>
    /// <param name="name">The name.</param>
    public IReadOnlyList<SourceTarget> Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        name = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
        foreach (var found in Ways(name))
        {
            if (found.Count > 0)
            {
                return found;
            }
        }

        return [];
    }

    /// <summary>Names that are like one, the most alike first.</summary>
    /// <param name="name">The name that nothing has.</param>
    /// <param name="most">So many at most.</param>
    public IReadOnlyList<string> Suggest(string name, int most)
    {
        ArgumentNullException.ThrowIfNull(name);
        int farthest = Math.Clamp(name.Length / 2, 1, FarthestName);
        return [.. _functions.Select(index => places.Functions[index])
            .SelectMany(static function => new[] { function.Name, BareName(function.Name), function.ShortFile })
            .Distinct()
            .Select(known => (Name: known, Distance: known.Contains(name, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(known, name, farthest)))
            .Where(known => known.Distance <= farthest)
            .OrderBy(static known => known.Distance).ThenBy(static known => known.Name.Length)
            .ThenBy(static known => known.Name, StringComparer.Ordinal)
            .Select(static known => known.Name)
            .Take(most)];
    }

    private IEnumerable<IReadOnlyList<SourceTarget>> Ways(string name)
    {
        yield return Functions(function => function.Name == name
            || $"{function.Name} ({function.Place})" == name || $"py::{function.Name}:{function.File}" == name);
        yield return Files(name);
        yield return Functions(function => IsBareOf(name, function.Name));
        yield return Classes(name, static _ => true);
        int colon = name.LastIndexOf(':');
        if (colon > 0)
        {
            var (file, rest) = (name[..colon], name[(colon + 1)..]);
            yield return int.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out int line)
                ? AtLine(file, line)
                : InFile(file, rest);
        }

        for (int dot = name.LastIndexOf('.'); isPython && dot > 0; dot = name.LastIndexOf('.', dot - 1))
        {
            yield return InFile(name[..dot], name[(dot + 1)..]);
        }
    }

    private IReadOnlyList<SourceTarget> InFile(string file, string name)
    {
        var exact = Functions(function => IsFile(function, file) && function.Name == name);
        var bare = exact.Count > 0 ? exact : Functions(function => IsFile(function, file) && IsBareOf(name, function.Name));
        return bare.Count > 0 ? bare : Classes(name, function => IsFile(function, file));
    }

    private IReadOnlyList<SourceTarget> AtLine(string file, int line)
    {
        var starting = Functions(function => IsFile(function, file) && function.FirstLine == line);
        if (starting.Count > 0)
        {
            return starting;
        }

        var having = places.All.Where(place => place.Line == line).Select(static place => place.Function).ToHashSet();
        var innermost = _functions.Where(index => having.Contains(index) && IsFile(places.Functions[index], file))
            .OrderByDescending(index => places.Functions[index].FirstLine).Take(1).ToList();
        return innermost.Count == 0 ? [] : [SourceTarget.OfFunctions(places, innermost)];
    }

    private IReadOnlyList<SourceTarget> Functions(Func<SourceFunction, bool> isMeant) =>
        [.. _functions.Where(index => isMeant(places.Functions[index])).Select(index => SourceTarget.OfFunctions(places, [index]))];

    private IReadOnlyList<SourceTarget> Files(string name)
    {
        string full = Path.GetFullPath(name.Length == 0 ? "." : name.Replace('\0', '?'));
        return [.. _functions.Select(index => places.Functions[index])
            .Where(function => IsFile(function, name) || function.File == full)
            .DistinctBy(static function => function.File)
            .Select(function => SourceTarget.OfFile(places, function))];
    }

    private IReadOnlyList<SourceTarget> Classes(string name, Func<SourceFunction, bool> isMeant) =>
        [.. _functions.Where(index => isMeant(places.Functions[index]))
            .Where(index => ClassOf(places.Functions[index].Name) is { Length: > 0 } owner && (owner == name || IsBareOf(name, owner)))
            .GroupBy(index => (places.Functions[index].File, ClassOf(places.Functions[index].Name)))
            .Select(group => SourceTarget.OfFunctions(places, [.. group]))];

    /// <summary>A file by its path, the end of its path, or as a module.</summary>
    private static bool IsFile(SourceFunction function, string name) =>
        function.File == name || function.ShortFile == name || EndsWithPath(function.File, name)
        || (function.IsPython && !name.Contains('/') && name.Replace('.', '/') is var module
            && (EndsWithPath($"/{function.File}", $"{module}.py") || EndsWithPath($"/{function.File}", $"{module}/__init__.py")));

    private static bool EndsWithPath(string path, string end) =>
        end.Length > 0 && path.Length > end.Length && path.EndsWith(end, StringComparison.Ordinal) && path[^(end.Length + 1)] == '/';

    /// <summary>True for <c>insert</c> and <c>Tree.insert</c> of <c>forest.Tree.insert</c>.</summary>
    private static bool IsBareOf(string name, string qualified) =>
        name.Length > 0 && qualified.Length > name.Length && qualified.EndsWith(name, StringComparison.Ordinal)
        && qualified[qualified.Length - name.Length - 1] is '.' or ':';

    private static string BareName(string name) => name[(name.LastIndexOf('.') + 1)..];

    private static string ClassOf(string name) => name.LastIndexOf('.') is > 0 and var dot ? name[..dot] : "";

    /// <summary>Letters to change, to add or to leave out between two names; more than <paramref name="farthest"/> is not counted out.</summary>
    private static int Distance(string x, string y, int farthest)
    {
        if (Math.Abs(x.Length - y.Length) > farthest)
        {
            return int.MaxValue;
        }

        int[] above = [.. Enumerable.Range(0, y.Length + 1)];
        int[] row = new int[y.Length + 1];
        for (int i = 1; i <= x.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= y.Length; j++)
            {
                int change = above[j - 1] + (char.ToLowerInvariant(x[i - 1]) == char.ToLowerInvariant(y[j - 1]) ? 0 : 1);
                row[j] = Math.Min(change, Math.Min(above[j], row[j - 1]) + 1);
            }

            (above, row) = (row, above);
        }

        return above[y.Length];
    }
}
