using System.Text.Json;
using Xunit;

namespace Viperf.Tests.Export;

/// <summary>
/// What version 61 of the Firefox Profiler's processed format asks of a file: tables whose columns are equally long, indexes
/// that lead to rows which are there, and so on.
/// </summary>
internal sealed class FirefoxRules
{
    private static readonly string[] s_colors =
    [
        "transparent", "purple", "green", "orange", "yellow", "lightblue", "blue", "brown", "magenta", "red", "lightred", "darkgrey", "grey",
    ];

    private static readonly Dictionary<string, string[]> s_columns = new()
    {
        ["stackTable"] = ["frame", "prefix"],
        ["frameTable"] = ["address", "inlineDepth", "category", "subcategory", "func", "nativeSymbol", "innerWindowID", "line", "column"],
        ["funcTable"] = ["name", "isJS", "relevantForJS", "resource", "source", "lineNumber", "columnNumber"],
        ["resourceTable"] = ["lib", "name", "host", "type"],
        ["nativeSymbols"] = ["libIndex", "address", "name", "functionSize"],
        ["sources"] = ["id", "filename", "startLine", "startColumn", "sourceMapURL"],
    };

    private readonly JsonElement _root;
    private readonly JsonElement _shared;
    private readonly int _strings;

    private FirefoxRules(JsonElement root)
    {
        _root = root;
        _shared = root.GetProperty("shared");
        _strings = _shared.GetProperty("stringArray").GetArrayLength();
    }

    /// <summary>Checks a file, and returns its weights summed.</summary>
    public static decimal Check(JsonElement root) => new FirefoxRules(root).Check();

    private decimal Check()
    {
        var meta = _root.GetProperty("meta");
        Assert.Equal(61, meta.GetProperty("preprocessedProfileVersion").GetInt32());
        Assert.All(["version", "startTime", "processType", "stackwalk"], name => Assert.Equal(JsonValueKind.Number, meta.GetProperty(name).ValueKind));
        Assert.True(meta.GetProperty("interval").GetDouble() > 0);
        Assert.Equal(JsonValueKind.Array, meta.GetProperty("markerSchema").ValueKind);
        Assert.All(
            meta.GetProperty("initialSelectedThreads").EnumerateArray().Concat(meta.GetProperty("initialVisibleThreads").EnumerateArray()),
            index => InRange(index, _root.GetProperty("threads").GetArrayLength()));
        CheckCategories(meta.GetProperty("categories"));
        CheckTables(meta.GetProperty("categories"));
        Assert.All(_root.GetProperty("libs").EnumerateArray(), static lib => Assert.All(
            ["arch", "name", "path", "debugName", "debugPath", "breakpadId"], name => Assert.NotNull(lib.GetProperty(name).GetString())));
        var threads = _root.GetProperty("threads").EnumerateArray().ToList();
        Assert.Equal(threads.Count, threads.Select(static thread => (thread.GetProperty("pid").GetString(), thread.GetProperty("tid").GetInt32())).Distinct().Count());
        Assert.All(
            threads.GroupBy(static thread => thread.GetProperty("pid").GetString()),
            static process =>
            {
                Assert.Single(process.Select(static thread => thread.GetProperty("processName").GetString()).Distinct());
                Assert.InRange(process.Count(static thread => thread.GetProperty("isMainThread").GetBoolean()), 0, 1);
            });
        return threads.Sum(CheckThread);
    }

    private static void CheckCategories(JsonElement categories)
    {
        Assert.Contains(categories.EnumerateArray(), static one => one.GetProperty("color").GetString() == "grey");
        Assert.All(categories.EnumerateArray(), static one =>
        {
            Assert.Contains(one.GetProperty("color").GetString(), s_colors);
            Assert.Equal("Other", one.GetProperty("subcategories")[0].GetString());
        });
    }

    private void CheckTables(JsonElement categories)
    {
        foreach (var (name, columns) in s_columns)
        {
            CheckTable(_shared.GetProperty(name), columns);
        }

        CheckIndexes("stackTable", "frame", Length("frameTable"));
        int stack = 0;
        foreach (var prefix in Column("stackTable", "prefix"))
        {
            InRange(prefix, stack++, orNull: true); // callers come before
        }

        CheckIndexes("frameTable", "func", Length("funcTable"));
        CheckIndexes("frameTable", "category", categories.GetArrayLength());
        foreach (var (category, subcategory) in Column("frameTable", "category").Zip(Column("frameTable", "subcategory")))
        {
            InRange(subcategory, categories[category.GetInt32()].GetProperty("subcategories").GetArrayLength());
        }

        Assert.All(Column("frameTable", "line"), static line => Assert.True(line.ValueKind == JsonValueKind.Null || line.GetInt32() > 0));
        CheckIndexes("funcTable", "name", _strings);
        CheckIndexes("funcTable", "source", Length("sources"), orNull: true);
        Assert.All(Column("funcTable", "resource"), resource => Assert.InRange(resource.GetInt32(), -1, Length("resourceTable") - 1));
        CheckIndexes("resourceTable", "name", _strings);
        CheckIndexes("resourceTable", "lib", _root.GetProperty("libs").GetArrayLength());
        Assert.All(Column("resourceTable", "type"), static type => Assert.Equal(1, type.GetInt32())); // libraries
        CheckIndexes("sources", "filename", _strings);
    }

    private decimal CheckThread(JsonElement thread)
    {
        Assert.All(["name", "processType", "pid"], name => Assert.NotNull(thread.GetProperty(name).GetString()));
        Assert.All(["processStartupTime", "registerTime"], name => Assert.Equal(JsonValueKind.Number, thread.GetProperty(name).ValueKind));
        Assert.All(["processShutdownTime", "unregisterTime", "pausedRanges"], name => thread.GetProperty(name));
        CheckTable(thread.GetProperty("markers"), ["data", "name", "startTime", "endTime", "phase", "category"]);
        var samples = thread.GetProperty("samples");
        string type = samples.GetProperty("weightType").GetString()!;
        Assert.Contains(type, (string[])["samples", "tracing-ms"]);
        CheckTable(samples, ["stack", "time", "weight", .. (string[])(type == "samples" ? [] : ["threadCPUDelta"])]);
        Assert.All(samples.GetProperty("stack").EnumerateArray(), stack => InRange(stack, Length("stackTable")));
        double[] times = [.. samples.GetProperty("time").EnumerateArray().Select(static time => time.GetDouble())];
        Assert.Equal(times.Order(), times);
        Assert.True(times is [] or [>= 0, ..]);
        return samples.GetProperty("weight").EnumerateArray().Sum(static weight => weight.GetDecimal());
    }

    private static void CheckTable(JsonElement table, string[] columns)
    {
        int length = table.GetProperty("length").GetInt32();
        Assert.All(columns, column => Assert.Equal(length, table.GetProperty(column).GetArrayLength()));
    }

    private void CheckIndexes(string table, string column, int end, bool orNull = false) =>
        Assert.All(Column(table, column), index => InRange(index, end, orNull));

    private JsonElement.ArrayEnumerator Column(string table, string column) => _shared.GetProperty(table).GetProperty(column).EnumerateArray();

    private int Length(string table) => _shared.GetProperty(table).GetProperty("length").GetInt32();

    private static void InRange(JsonElement index, int end, bool orNull = false)
    {
        if (!orNull || index.ValueKind != JsonValueKind.Null)
        {
            Assert.InRange(index.GetInt32(), 0, end - 1);
        }
    }
}
