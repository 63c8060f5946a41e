using Viperf.Formats.Bytes;
using Viperf.Formats.Dwarf;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.PerfData;

public class EmbeddedNamesTests
{
    [Fact]
    public void What_was_written_is_read()
    {
        var written = Names();

        var read = EmbeddedNames.Read(Bytes(written), "test");

        Assert.Equal(written.Modules, read.Modules);
        Assert.Equal(written.Places.Count, read.Places.Count);
        foreach (var (expected, actual) in written.Places.Zip(read.Places))
        {
            Assert.Equal(expected with { Sources = [] }, actual with { Sources = [] });
            Assert.Equal(expected.Sources, actual.Sources);
        }

        var file = Assert.Single(read.Files);
        Assert.Equal(("/tmp/jit-7.dump", 7), (file.Path, file.Pid));
        Assert.Equal([1, 2, 3], file.Content.ToArray());
    }

    [Fact]
    public void Equal_texts_stand_there_once()
    {
        var names = new EmbeddedNames();
        names.Modules.Add(new EmbeddedModule(1, "/bin/a", "", 0, 0));
        string name = new('n', 1000);
        for (uint i = 0; i < 100; i++)
        {
            names.Places.Add(new EmbeddedPlace(0, i, false, false, name, 0, [new SourceFrame(name, name, i)]));
        }

        Assert.True(Bytes(names).Length < 5000);
    }

    [Fact]
    public void Another_version_is_refused()
    {
        byte[] bytes = Bytes(Names());
        bytes[0]++;
        Assert.Contains("another viperf", Assert.Throws<ParseException>(() => EmbeddedNames.Read(bytes, "test")).Message);
    }

    [Fact]
    public void Names_cut_at_any_byte_or_damaged_are_read_or_refused()
    {
        byte[] whole = Bytes(Names());
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.Throws<ParseException>(() => EmbeddedNames.Read(whole.AsMemory(0, length), "test"));
        }

        var random = new Random(20261128);
        int read = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] damaged = [.. whole];
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                EmbeddedNames.Read(damaged, "test");
                read++;
            }
            catch (ParseException)
            {
                // The rule.
            }
        }

        Assert.InRange(read, 1000, 19_000);
    }

    private static EmbeddedNames Names()
    {
        var names = new EmbeddedNames();
        names.Modules.Add(new EmbeddedModule(1, "/bin/a", "abcd", 12, 7));
        names.Modules.Add(new EmbeddedModule(5, "/tmp/jit-7.dump", "", 0, 7));
        names.Places.Add(new EmbeddedPlace(0, 0x1234, true, true, "main", 0x1200, []));
        names.Places.Add(new EmbeddedPlace(
            1, ulong.MaxValue, false, false, "", 0, [new SourceFrame("inner", "a.c", 7) { FirstLine = 5 }, new SourceFrame("", "", 0)]));
        names.Files.Add(new EmbeddedFile("/tmp/jit-7.dump", 7, new byte[] { 1, 2, 3 }));
        return names;
    }

    private static byte[] Bytes(EmbeddedNames names)
    {
        var writer = new ByteWriter();
        names.Write(writer);
        return writer.Written.ToArray();
    }
}
