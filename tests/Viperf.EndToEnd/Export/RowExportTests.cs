using System.Globalization;
using System.Text.Json;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Export;

/// <summary>Python's <c>json</c> and <c>csv</c>, and hyparquet, read the samples that export lists, and all read the same.</summary>
public sealed class RowExportTests(ExportedRecordings recordings) : IClassFixture<ExportedRecordings>
{
    /// <summary>Prints each row as the module reads it, all of them in one array.</summary>
    private const string ReadJson = """
        import json, sys
        with open(sys.argv[1], encoding="utf-8", newline="\n") as file:
            print(json.dumps([json.loads(line) for line in file]))
        """;

    private const string ReadCsv = """
        import csv, json, sys
        csv.field_size_limit(1 << 30)
        with open(sys.argv[1], encoding="utf-8", newline="") as file:
            print(json.dumps(list(csv.DictReader(file, strict=True))))
        """;

    [Theory]
    [MemberData(nameof(ExportedRecordings.All), MemberType = typeof(ExportedRecordings))]
    public void Rows_of_jsonl_are_the_recordings_samples(string name) => AssertTotals(name, JsonRows(name));

    [Theory]
    [MemberData(nameof(ExportedRecordings.All), MemberType = typeof(ExportedRecordings))]
    public void Rows_of_csv_are_those_of_jsonl(string name)
    {
        string csv = recordings.Export(name, "csv");

        var rows = Read(csv, ReadCsv);

        Assert.Equal(rows.Length + 1, File.ReadLines(csv).Count());
        foreach (var (row, expected) in rows.Zip(JsonRows(name), static (one, other) => (one, other)))
        {
            Assert.Equal(Number(expected, "time"), double.Parse(Text(row, "time"), CultureInfo.InvariantCulture), 1e-9);
            foreach (string column in (string[])["time_ns", "pid", "tid", "period", "kind", "event", "cpu", "line"])
            {
                Assert.Equal(expected.GetProperty(column).ToString(), Text(row, column));
            }

            Assert.Equal(expected.GetProperty("stack").GetArrayLength(), Text(row, "stack").Split(';').Length);
            if (name != ExportedRecordings.Hostile)
            {
                Assert.Equal(Text(expected, "function"), Text(row, "function"));
                Assert.Equal(string.Join(';', Stack(expected)), Text(row, "stack"));
            }
        }
    }

    [Theory]
    [MemberData(nameof(ExportedRecordings.All), MemberType = typeof(ExportedRecordings))]
    public void Rows_of_parquet_are_those_of_jsonl(string name)
    {
        string[] lines = new Tool { File = "node" }.Run(ParquetReader(), recordings.Export(name, "parquet")).Succeeded().Lines;
        using var head = JsonDocument.Parse(lines[0]);
        JsonElement[] rows = [.. lines[1..].Select(static line => JsonDocument.Parse(line).RootElement)];

        AssertTotals(name, rows);
        Assert.Equal(rows.Length, head.RootElement.GetProperty("groups").EnumerateArray().Sum(static rows => rows.GetInt32()));
        Assert.Contains("viperf", head.RootElement.GetProperty("facts").GetProperty("command").GetString()!, StringComparison.Ordinal);
        foreach (var (row, expected) in rows.Zip(JsonRows(name), static (one, other) => (one, other)))
        {
            Assert.True(JsonElement.DeepEquals(expected, row), $"{expected}\n{row}");
        }
    }

    [Fact]
    public void Stacks_are_as_they_are_asked_for_and_threads_by_name()
    {
        var rows = Read(recordings.Export(ExportedRecordings.Threads, "jsonl", "--stacks", "python"), ReadJson);

        var blue = rows.Where(static row => Text(row, "function") == "blue").ToArray();
        Assert.NotEmpty(blue);
        Assert.All(blue, static row => Assert.Equal("python", Text(row, "kind")));
        Assert.All(blue, static row => Assert.EndsWith("/threads.py", Text(row, "file"), StringComparison.Ordinal));
        Assert.All(blue, static row => Assert.Matches(@"^blue \(.*threads\.py:\d+\)$", Stack(row)[^1]));
        Assert.Single(blue.Select(static row => Number(row, "tid")).Distinct());
    }

    [Fact]
    public void Waits_are_of_a_kind_of_their_own() => Assert.Contains(
        JsonRows(ExportedRecordings.Wall),
        static row => Text(row, "kind") == "wait" && Text(row, "function").StartsWith("[blocked: ", StringComparison.Ordinal));

    [Fact]
    public void Names_are_text_whatever_is_in_them()
    {
        HashSet<string> json = [.. Read(recordings.Export(ExportedRecordings.Hostile, "jsonl", "--stacks", "python"), ReadJson)
            .Select(static row => Text(row, "function"))];
        HashSet<string> csv = [.. Read(recordings.Export(ExportedRecordings.Hostile, "csv", "--stacks", "python"), ReadCsv)
            .Select(static row => Text(row, "function"))];

        Assert.Superset(new HashSet<string>(["</script><img src=x onerror=alert(1)>", "quote\"and'apostrophe", "semi;colon", "=cmd()"]), json);
        Assert.Superset(new HashSet<string>(["</script><img src=x onerror=alert(1)>", "quote\"and'apostrophe", "semi;colon", "'=cmd()"]), csv);
    }

    [Fact]
    public void A_pipe_gets_what_a_file_gets()
    {
        string data = recordings.Of(ExportedRecordings.Calls).Data;
        foreach (string format in (string[])["csv", "jsonl"])
        {
            string piped = ViperfBinary.Run("export", "--format", format, "-i", data, "-o", "-").Succeeded().Output;
            Assert.Equal(File.ReadAllText(recordings.Export(ExportedRecordings.Calls, format)), piped);
        }
    }

    private static string ParquetReader()
    {
        string directory = Repository.PathOf("tests", "readers");
        Assert.SkipUnless(Tool.IsOnPath("node") && Tool.IsOnPath("npm"), "node or npm is not installed");
        if (!Directory.Exists(Path.Combine(directory, "node_modules", "hyparquet-compressors")))
        {
            var installed = new Tool { File = "npm", WorkingDirectory = directory }.Run("ci", "--no-audit", "--no-fund", "--ignore-scripts");
            Assert.SkipUnless(installed.ExitCode == 0, $"npm could not fetch what reads Parquet: {installed.Error}");
        }

        return Path.Combine(directory, "parquet.js");
    }

    private void AssertTotals(string name, JsonElement[] rows)
    {
        var recording = recordings.Of(name);
        Assert.Equal(recording.Samples, rows.Length);
        Assert.Equal(recording.Period, rows.Sum(static row => row.GetProperty("period").GetInt64()));
        Assert.Equal(0, Number(rows[0], "time"));
        Assert.True(rows.Zip(rows.Skip(1)).All(static pair => Number(pair.First, "time_ns") <= Number(pair.Second, "time_ns")));
    }

    private JsonElement[] JsonRows(string name) => Read(recordings.Export(name, "jsonl"), ReadJson);

    private static JsonElement[] Read(string file, string program) =>
        [.. JsonDocument.Parse(Interpreter.OfSystem().Run("-c", program, file).Succeeded().Output).RootElement.EnumerateArray()];

    private static string Text(JsonElement row, string column) => row.GetProperty(column).GetString()!;

    private static double Number(JsonElement row, string column) => row.GetProperty(column).GetDouble();

    private static string[] Stack(JsonElement row) => [.. row.GetProperty("stack").EnumerateArray().Select(static frame => frame.GetString()!)];
}
