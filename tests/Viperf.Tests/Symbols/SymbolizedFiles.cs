using Viperf.Core.Profiles;
using Viperf.Core.Symbols;

namespace Viperf.Tests.Symbols;

/// <summary>What tests of a symbolizer stand on: files in a directory of their own, and a profile with frames in them.</summary>
public abstract class SymbolizedFiles : IDisposable
{
    private protected SymbolizedFiles() => Symbolizer = NewSymbolizer();

    /// <summary>Where the files are.</summary>
    private protected string Folder { get; } = Directory.CreateTempSubdirectory("viperf-symbols-").FullName;

    /// <summary>Has the frames.</summary>
    private protected Profile Profile { get; } = new();

    /// <summary>Names them.</summary>
    private protected Symbolizer Symbolizer { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Symbolizer.Dispose();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>A symbolizer that has looked nothing up yet.</summary>
    private protected Symbolizer NewSymbolizer() => new(new SymbolizerOptions(), new JitDumps(Profile, new SymbolizerOptions()));

    /// <summary>Writes a file, and returns its path.</summary>
    private protected string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private protected int FileModule(string path, string buildId = "", int pid = 0) =>
        Profile.Modules.Intern(new Module(ModuleKind.File, path, buildId, 0, pid));

    private protected int FrameAt(int module, ulong address, bool isReturnAddress = false) =>
        Profile.Frames.Intern(new Frame(address, module, FrameMode.User, isReturnAddress));
}
