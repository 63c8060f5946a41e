using Viperf.Core.Views;
using Xunit;

namespace Viperf.Tests.Views;

public class TargetSearchTests
{
    private readonly SourceProfile _source = new();

    public TargetSearchTests()
    {
        int insert = _source.Function("Tree.insert", "/srv/forest/app.py", 10);
        _source.Function("Tree.walk", "/srv/forest/app.py", 20);
        _source.Function("Tree.walk.<locals>.<genexpr>", "/srv/forest/app.py", 22);
        _source.Function("Bush.insert", "/srv/forest/app.py", 40);
        _source.Function("main", "/srv/forest/app.py", 60);
        _source.Function("JSONEncoder.encode", "/usr/lib/python3.11/json/encoder.py", 100);
        _source.Function("loads", "/usr/lib/python3.11/json/__init__.py", 1);
        _source.Function("main", "src/main.c", 3, isPython: false);
        _source.Function("compress", "/build/zlib/deflate.c", 70, isPython: false);
        _source.Frame(insert, 12);
    }

    [Theory]
    [InlineData("Tree.insert", "Tree.insert (app.py:10)")]
    [InlineData("walk", "Tree.walk (app.py:20)")]
    [InlineData("encode", "JSONEncoder.encode (encoder.py:100)")]
    [InlineData("main", "main (app.py:60)")]
    [InlineData("Tree.walk (app.py:20)", "Tree.walk (app.py:20)")]
    [InlineData("py::main:/srv/forest/app.py", "main (app.py:60)")]
    [InlineData("app.py:main", "main (app.py:60)")]
    [InlineData("forest.app.main", "main (app.py:60)")]
    [InlineData("json.encoder.JSONEncoder.encode", "JSONEncoder.encode (encoder.py:100)")]
    [InlineData("json.loads", "loads (__init__.py:1)")]
    [InlineData("app.py:20", "Tree.walk (app.py:20)")] // where it begins
    [InlineData("./app.py:12", "Tree.insert (app.py:10)")] // a line in it
    [InlineData("Tree", "Tree (app.py:10)")]
    [InlineData("app.py", "app.py")]
    [InlineData("forest/app.py", "app.py")]
    [InlineData("/srv/forest/app.py", "app.py")]
    [InlineData("forest.app", "app.py")]
    [InlineData("json", "__init__.py")]
    [InlineData("json.encoder", "encoder.py")]
    public void What_people_write_is_found(string name, string title) =>
        Assert.Equal(title, Assert.Single(new TargetSearch(_source.Places, isPython: true).Find(name)).Title);

    [Fact]
    public void What_is_not_clear_is_found_with_all_that_it_may_be() => Assert.Equal(
        ["Tree.insert (app.py:10)", "Bush.insert (app.py:40)"],
        new TargetSearch(_source.Places, isPython: true).Find("insert").Select(target => target.Title));

    [Theory]
    [InlineData("compress")]
    [InlineData("forest.app.nothing")]
    [InlineData("nsert")]
    [InlineData("pp.py")]
    [InlineData("app.py:99")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData(":")]
    [InlineData("a\0b")]
    public void What_is_not_there_is_not_found(string name) =>
        Assert.Empty(new TargetSearch(_source.Places, isPython: true).Find(name));

    [Fact]
    public void Native_functions_and_files_are_apart()
    {
        var native = new TargetSearch(_source.Places, isPython: false);
        Assert.Equal("main (main.c:3)", Assert.Single(native.Find("main")).Title);
        Assert.Equal("deflate.c", Assert.Single(native.Find("zlib/deflate.c")).Title);
        Assert.Empty(native.Find("Tree.walk"));
    }

    [Fact]
    public void Names_that_are_alike_are_suggested()
    {
        var search = new TargetSearch(_source.Places, isPython: true);
        Assert.Equal("insert", search.Suggest("inserd", 3)[0]);
        Assert.Equal("Tree.walk", search.Suggest("Tre.walk", 3)[0]);
        Assert.Contains("JSONEncoder.encode", search.Suggest("jsonenc", 3));
        Assert.Empty(search.Suggest("quite_something_else", 3));
    }

    [Fact]
    public void What_is_defined_within_a_function_belongs_to_it()
    {
        var walk = Assert.Single(new TargetSearch(_source.Places, isPython: true).Find("walk"));
        Assert.Equal(["Tree.walk"], Names(walk));
        Assert.Equal(["Tree.walk", "Tree.walk.<locals>.<genexpr>"], Names(walk.WithInner(_source.Places, lastLine: 30)));
        Assert.Equal(["Tree.walk", "Tree.walk.<locals>.<genexpr>"], Names(walk.WithInner(_source.Places, lastLine: null)));
        Assert.Equal(["Tree.walk"], Names(walk.WithInner(_source.Places, lastLine: 21)));
    }

    private IEnumerable<string> Names(SourceTarget target) =>
        target.Functions.Order().Select(index => _source.Places.Functions[index].Name);
}
