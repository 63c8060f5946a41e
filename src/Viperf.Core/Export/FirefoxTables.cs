using Viperf.Core.Profiles;

namespace Viperf.Core.Export;

/// <summary>
/// The tables that the threads of a Firefox Profiler's profile share: stacks, frames, functions, the things that functions
/// lie in, source files and texts. Frames are functions at lines; they have no addresses, since all that could be asked of
/// those is answered.
/// </summary>
internal sealed class FirefoxTables
{
    private const int None = -1;
    private const int TypeOfLibraries = 1;

    private readonly ExportSource _source;
    private readonly InternTable<(int Function, int Line)> _frames = new();
    private readonly Restacking _stacks;
    private readonly InternTable<string> _strings = new(StringComparer.Ordinal);
    private readonly InternTable<int> _sources = new();
    private readonly InternTable<(int Name, int Lib)> _resources = new();
    private readonly InternTable<int> _libs = new();
    private readonly List<FunctionRow> _functions = [];

    /// <summary>Index among the frames of the one that stands for no stack; <see cref="None"/> until it is needed.</summary>
    private int _stackless = None;

    /// <summary>Takes the stacks of the samples that are exported.</summary>
    public FirefoxTables(ExportSource source)
    {
        _source = source;
        _stacks = new Restacking(source.Profile.Stacks, (stacks, callers, frame) => stacks.Intern(callers, _frames.Intern(source.IndexesOf(frame))));
        foreach (int row in source.Rows)
        {
            _ = StackOf(source.Profile.Samples.KeyOf(row).Stack);
        }

        for (int index = 0; index < source.Functions.Count; index++)
        {
            _functions.Add(Describe(source.Functions[index]));
        }
    }

    /// <summary>The index that a stack of <see cref="Profile.Stacks"/> has in the table of stacks; without frames, that of a stack of
    /// one frame that says so: the profiler leaves samples without a stack out of its sums.</summary>
    public int StackOf(int stack)
    {
        if (stack != StackTable.Empty)
        {
            return _stacks.Of(stack);
        }

        if (_stackless == None)
        {
            int function = _source.Functions.Intern(new ExportFunction(ExportFunction.Unnamed, FrameKind.Unknown, "", 0, ModuleTable.Unknown));
            _stackless = _stacks.Stacks.Intern(StackTable.Empty, _frames.Intern((function, 0)));
        }

        return _stackless;
    }

    /// <summary>The kind of a stack's innermost frame.</summary>
    /// <param name="stack">What <see cref="StackOf"/> returned.</param>
    public FrameKind KindOf(int stack) => _source.Functions[_frames[_stacks.Stacks.FrameOf(stack)].Function].Kind;

    /// <summary>Whether there are frames of Python's, which the profiler's filters can then tell from others.</summary>
    public bool HasPython => _functions.Exists(static function => function.IsPython);

    /// <summary>Writes the list of libraries.</summary>
    public void WriteLibs(JsonFile file)
    {
        file.Json.WriteStartArray("libs");
        for (int lib = 0; lib < _libs.Count; lib++)
        {
            var module = _source.Profile.Modules[_libs[lib]];
            file.Json.WriteStartObject();
            file.Json.WriteString("arch", _source.Facts.Architecture ?? "");
            file.Json.WriteString("name", module.Name);
            file.Json.WriteString("path", module.Path);
            file.Json.WriteString("debugName", module.Name);
            file.Json.WriteString("debugPath", module.Path);
            file.Json.WriteString("breakpadId", BreakpadIdOf(module.BuildId));
            file.Json.WriteString("codeId", module.BuildId.Length > 0 ? module.BuildId : null);
            file.Json.WriteEndObject();
            file.Pass();
        }

        file.Json.WriteEndArray();
    }

    /// <summary>Writes the tables.</summary>
    public void WriteShared(JsonFile file)
    {
        file.Json.WriteStartObject("shared");
        WriteStacks(file);
        WriteFrames(file);
        WriteFunctions(file);
        Table(file, "resourceTable", _resources.Count, json =>
        {
            json.Numbers("name", Values(_resources).Select(static resource => resource.Name));
            json.Numbers("lib", Values(_resources).Select(static resource => resource.Lib));
            json.Repeated("host", _resources.Count, static json => json.WriteNullValue());
            json.Repeated("type", _resources.Count, static json => json.WriteNumberValue(TypeOfLibraries));
        });
        Table(file, "nativeSymbols", 0, static json =>
        {
            json.Numbers("libIndex", []);
            json.Numbers("address", []);
            json.Numbers("name", []);
            json.Numbers("functionSize", []);
        });
        Table(file, "sources", _sources.Count, json =>
        {
            json.Repeated("id", _sources.Count, static json => json.WriteNullValue());
            json.Numbers("filename", Values(_sources));
            json.Repeated("startLine", _sources.Count, static json => json.WriteNumberValue(1));
            json.Repeated("startColumn", _sources.Count, static json => json.WriteNumberValue(1));
            json.Repeated("sourceMapURL", _sources.Count, static json => json.WriteNullValue());
        });
        file.Strings("stringArray", Values(_strings));
        file.Json.WriteEndObject();
    }

    private void WriteStacks(JsonFile file)
    {
        var stacks = _stacks.Stacks;
        Table(file, "stackTable", stacks.Count, json =>
        {
            json.Numbers("frame", Enumerable.Range(0, stacks.Count).Select(stacks.FrameOf));
            json.NumbersOrNull("prefix", Enumerable.Range(0, stacks.Count).Select(stacks.ParentOf), StackTable.Empty);
        });
    }

    private void WriteFrames(JsonFile file) => Table(file, "frameTable", _frames.Count, json =>
    {
        json.Repeated("address", _frames.Count, static json => json.WriteNumberValue(None));
        json.Repeated("inlineDepth", _frames.Count, static json => json.WriteNumberValue(0));
        json.Numbers("category", Values(_frames).Select(frame => FirefoxCategories.Of(_source.Functions[frame.Function].Kind)));
        json.Repeated("subcategory", _frames.Count, static json => json.WriteNumberValue(0));
        json.Numbers("func", Values(_frames).Select(static frame => frame.Function));
        json.Repeated("nativeSymbol", _frames.Count, static json => json.WriteNullValue());
        json.Repeated("innerWindowID", _frames.Count, static json => json.WriteNumberValue(0));
        json.NumbersOrNull("line", Values(_frames).Select(static frame => frame.Line), none: 0);
        json.Repeated("column", _frames.Count, static json => json.WriteNullValue());
    });

    private void WriteFunctions(JsonFile file) => Table(file, "funcTable", _functions.Count, json =>
    {
        json.Numbers("name", _functions.Select(static function => function.Name));
        Booleans(json, "isJS", _functions.Select(static function => function.IsPython));
        Booleans(json, "relevantForJS", _functions.Select(static function => function.IsRelevantForPython));
        json.Numbers("resource", _functions.Select(static function => function.Resource));
        json.NumbersOrNull("source", _functions.Select(static function => function.Source), None);
        json.NumbersOrNull("lineNumber", _functions.Select(static function => function.FirstLine), none: 0);
        json.Repeated("columnNumber", _functions.Count, static json => json.WriteNullValue());
    });

    private FunctionRow Describe(ExportFunction function)
    {
        bool isPython = function.Kind == FrameKind.Python;
        bool hasLib = !isPython && function.Kind != FrameKind.Wait && IsLib(_source.Profile.Modules[function.Module].Kind);
        return new FunctionRow(
            _strings.Intern(function.Name),
            isPython,
            IsRelevantForPython: function.Kind is FrameKind.Interpreter or FrameKind.Wait,
            hasLib ? ResourceOf(function.Module) : None,
            function.File.Length > 0 ? _sources.Intern(_strings.Intern(function.File)) : None,
            function.FirstLine);
    }

    /// <summary>The resource of a library's functions; those of Python have their source files alone, which say all of it.</summary>
    private int ResourceOf(int module) => _resources.Intern((_strings.Intern(_source.Profile.Modules[module].Name), _libs.Intern(module)));

    private static bool IsLib(ModuleKind kind) => kind is not (ModuleKind.Unknown or ModuleKind.PythonSource or ModuleKind.Interpreter);

    /// <summary>Breakpad's form of a build-id: its first 16 bytes as a GUID, and the age, which is none.</summary>
    private static string BreakpadIdOf(string buildId) =>
        buildId.Length < 32 ? "" : Convert.ToHexString(new Guid(Convert.FromHexString(buildId[..32])).ToByteArray(bigEndian: true)) + "0";

    private static void Table(JsonFile file, string name, int length, Action<JsonFile> write)
    {
        file.Json.WriteStartObject(name);
        write(file);
        file.Json.WriteNumber("length", length);
        file.Json.WriteEndObject();
    }

    private static void Booleans(JsonFile file, string name, IEnumerable<bool> values)
    {
        file.Json.WriteStartArray(name);
        foreach (bool value in values)
        {
            file.Json.WriteBooleanValue(value);
            file.Pass();
        }

        file.Json.WriteEndArray();
    }

    private static IEnumerable<T> Values<T>(InternTable<T> table)
        where T : notnull
    {
        for (int index = 0; index < table.Count; index++)
        {
            yield return table[index];
        }
    }

    /// <summary>A row of the table of functions; indexes of other tables, -1 for none.</summary>
    /// <param name="Name">Index of its name.</param>
    /// <param name="IsPython">Whether the profiler is to take it for JavaScript, which for its filters is what is no native code.</param>
    /// <param name="IsRelevantForPython">Whether it is shown where native code is left out.</param>
    /// <param name="Resource">What it lies in.</param>
    /// <param name="Source">Its source file.</param>
    /// <param name="FirstLine">The line that it begins at; 0 where nobody knows.</param>
    private readonly record struct FunctionRow(
        int Name, bool IsPython, bool IsRelevantForPython, int Resource, int Source, int FirstLine);
}
