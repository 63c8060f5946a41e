using Parquet;
using Viperf.Core.Export;
using Viperf.Core.Export.Rows;
using Xunit;

namespace Viperf.Tests.Export;

/// <summary>What is written is read by the library that wrote it; the end-to-end tests have another one read.</summary>
public class ParquetFormatTests
{
    private readonly SampledProfile _made = new();

    [Fact]
    public async Task Columns_have_all_of_the_samples()
    {
        _made.Add([_made.Python("<module>", line: 9), _made.Python("f", line: 3)], pid: 7, tid: 8, comm: "worker", cpu: 2)
            .Add([_made.Native("work")], pid: 7, tid: 7);
        await using var file = await Open();

        Assert.Equal(Columns.All, file.Reader.Schema.Fields.Select(static field => field.Name));
        Assert.Equal([5_000_000_000L, 5_001_000_000L], await file.Numbers(Columns.Nanoseconds));
        Assert.Equal([1_000_000L, 1_000_000L], await file.Numbers(Columns.Period));
        Assert.Equal(["python", "native"], await file.Texts(Columns.Kind));
        Assert.Equal(["f", "work"], await file.Texts(Columns.Function));
        Assert.Equal(["<module> (app.py:9)", "f (app.py:3)", "work (libfoo.so)"], await file.Texts("stack/list/element"));
        Assert.Equal("viperf run app.py", file.Reader.CustomMetadata["command"]);
    }

    [Fact]
    public async Task Hostile_names_are_as_they_are()
    {
        _made.AddHostile().Add([]);
        await using var file = await Open();

        Assert.Equal(_made.Source().TotalPeriod, (ulong)(await file.Numbers(Columns.Period)).Sum());
        Assert.Superset(SampledProfile.HostileNames.Select(ExportText.WellFormed).ToHashSet(), (await file.Texts(Columns.Function)).ToHashSet());
        Assert.Superset(SampledProfile.HostileNames.Select(ExportText.WellFormed).ToHashSet(), (await file.Texts(Columns.Thread)).ToHashSet());
    }

    [Fact]
    public async Task Many_rows_are_more_than_one_group()
    {
        int[] frames = [.. Enumerable.Range(0, 20).Select(i => _made.Python($"f{i}"))];
        for (int i = 0; i < 60_000; i++)
        {
            _made.Add(frames);
        }

        await using var file = await Open();

        Assert.Equal(2, file.Reader.RowGroupCount);
        Assert.Equal(60_000, (await file.Numbers(Columns.Period)).Count);
        Assert.Equal(1_200_000, (await file.Texts("stack/list/element")).Count);
    }

    [Fact]
    public async Task Without_samples_there_are_columns_all_the_same()
    {
        await using var file = await Open();

        Assert.Equal(14, file.Reader.Schema.Fields.Count);
        Assert.Empty(await file.Numbers(Columns.Period));
    }

    private async Task<OpenFile> Open() => new(await ParquetReader.CreateAsync(new MemoryStream(_made.Written(ParquetFormat.Write))));

    private sealed class OpenFile(ParquetReader reader) : IAsyncDisposable
    {
        public ParquetReader Reader => reader;

        public ValueTask DisposeAsync() => reader.DisposeAsync();

        public Task<List<long>> Numbers(string column) => Values<long, long>(column, static value => value);

        public Task<List<string>> Texts(string column) => Values<ReadOnlyMemory<char>, string>(column, static value => value.ToString());

        private async Task<List<TResult>> Values<T, TResult>(string column, Func<T, TResult> make)
            where T : struct
        {
            var field = Assert.Single(reader.Schema.DataFields, field => field.Path.ToString() == column);
            var values = new List<TResult>();
            foreach (var group in reader.RowGroups)
            {
                using var raw = (Parquet.Data.RawColumnData<T>)await group.ReadRawColumnDataBaseAsync(field);
                foreach (var value in raw.Values)
                {
                    values.Add(make(value));
                }
            }

            return values;
        }
    }
}
