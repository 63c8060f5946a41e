using Viperf.Core.Pipeline;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Formats.Elf;
using Xunit;

namespace Viperf.Tests.Pipeline;

public sealed class UnwindModulesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("viperf-modules-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void More_modules_than_files_may_be_open_are_read_and_stay_readable()
    {
        var profile = new Profile();
        byte[] file = File.ReadAllBytes("/bin/true");
        var machine = ElfFile.Open(new Formats.Bytes.MemorySource(file, "true")).Machine;
        int[] indexes = [.. Enumerable.Range(0, UnwindModules.MostOpenFiles + 50).Select(number =>
        {
            string path = Path.Combine(_directory, $"lib{number}.so");
            File.WriteAllBytes(path, file);
            return profile.Modules.Intern(new Module(ModuleKind.File, path, "", 0, 0));
        })];

        using (var modules = new UnwindModules(profile, machine, new FileFinder(new SymbolizerOptions()), Assert.Fail))
        {
            byte[] bytes = new byte[64];
            foreach (int offset in new[] { 0, 8192 })
            {
                foreach (int index in indexes)
                {
                    Assert.NotNull(modules[index].Table);
                    Assert.True(modules[index].TryRead((ulong)offset, bytes));
                    Assert.True(file.AsSpan(offset, bytes.Length).SequenceEqual(bytes));
                }
            }

            Assert.Equal(UnwindModules.MostOpenFiles, OpenFiles());
        }

        Assert.Equal(0, OpenFiles());
    }

    private int OpenFiles() => Directory.GetFiles("/proc/self/fd")
        .Count(fd => new FileInfo(fd).LinkTarget?.StartsWith(_directory, StringComparison.Ordinal) == true);
}
