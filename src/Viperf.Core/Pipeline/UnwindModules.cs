using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Core.Unwinding;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;

namespace Viperf.Core.Pipeline;

/// <summary>
/// The files that code lay in, opened when the unwinder first meets one. Some are kept open for a look at their code, the
/// others are opened again for that.
/// </summary>
/// <param name="profile">Whose modules they are.</param>
/// <param name="machine">The processor that the recording was made on: where it names no build-id, a file of this machine's may
/// lie at the path of another's.</param>
/// <param name="finder">Finds them.</param>
/// <param name="warn">Takes what cannot be read, a line each.</param>
internal sealed class UnwindModules(Profile profile, ElfMachine machine, FileFinder finder, Action<string> warn) : IDisposable
{
    /// <summary>Files that are open at a time: a machine's programs map more than the 1024 that a user may open.</summary>
    internal const int MostOpenFiles = 256;

    /// <summary>Files that are open, those that were opened first in front.</summary>
    private readonly Queue<ClosableFile> _open = [];

    /// <summary>By index of the module; null where nobody asked yet.</summary>
    private readonly List<UnwindModule?> _modules = [];

    /// <summary>The module with an index; one without any information if its file cannot be had.</summary>
    public UnwindModule this[int index]
    {
        get
        {
            while (_modules.Count <= index)
            {
                _modules.Add(null);
            }

            return _modules[index] ??= Open(profile.Modules[index]);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var module in _modules)
        {
            module?.Dispose();
        }
    }

    private UnwindModule Open(Module module)
    {
        try
        {
            return module.Kind switch
            {
                ModuleKind.File => OpenFile(module),
                ModuleKind.Vdso => OpenVdso(module),
                _ => UnwindModule.None,
            };
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ParseException)
        {
            warn(problem.Message);
            return UnwindModule.None;
        }
    }

    private UnwindModule OpenFile(Module module)
    {
        var file = finder.TryOpen(module, out var problem);
        if (file is null)
        {
            warn(problem.Text);
            return UnwindModule.None;
        }

        if (file.Elf.Machine != machine)
        {
            file.Dispose();
            warn($"{module.Path}: its code is another processor's than the recording's");
            return UnwindModule.None;
        }

        // Only .debug_frame moves to a debug file, and beside .eh_frame compilers write none.
        using var debug = file.Elf.FindSection(".eh_frame"u8) is null ? finder.TryOpenDebug(file, DebugContent.Frames) : null;
        var closable = new ClosableFile(finder, module, file, OnOpened);
        OnOpened(closable);
        return new UnwindModule(file.Elf, UnwindTable.Read(file.Elf, debug?.Elf, warn), closable.ReadAt, closable);
    }

    private void OnOpened(ClosableFile file)
    {
        if (_open.Count == MostOpenFiles)
        {
            _open.Dequeue().Dispose();
        }

        _open.Enqueue(file);
    }

    private UnwindModule OpenVdso(Module module)
    {
        var image = new MemorySource(VdsoSymbols.ReadOwnImage(), module.Path);
        if (image.Length == 0)
        {
            return UnwindModule.None;
        }

        var elf = ElfFile.Open(image);
        bool isSame = elf.Machine == machine && (module.BuildId.Length == 0 || module.BuildId == ElfNotes.BuildIdOf(elf));
        return isSame ? new UnwindModule(elf, UnwindTable.Read(elf, null, warn), image.ReadAt, null) : UnwindModule.None;
    }
}

/// <summary>A module's file that may be closed at any time, and is opened again when it is read.</summary>
/// <param name="finder">Opens it again.</param>
/// <param name="module">The module.</param>
/// <param name="file">Its file.</param>
/// <param name="opened">Is told when it was opened again.</param>
internal sealed class ClosableFile(FileFinder finder, Module module, OpenedElf file, Action<ClosableFile> opened) : IDisposable
{
    private OpenedElf? _file = file;

    /// <summary>Copies bytes of the file and returns how many there were: none if it cannot be opened any more.</summary>
    public int ReadAt(ulong offset, Span<byte> destination)
    {
        if (_file is null)
        {
            _file = finder.TryOpen(module, out _);
            if (_file is null)
            {
                return 0;
            }

            opened(this);
        }

        return _file.ReadAt(offset, destination);
    }

    /// <summary>Closes it until it is read again.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }
}

/// <summary>Copies bytes of a file and returns how many there were.</summary>
internal delegate int ReadBytes(ulong offset, Span<byte> destination);

/// <summary>One file as the unwinder needs it.</summary>
/// <param name="elf">Its headers; null for none.</param>
/// <param name="table">Its call frame information; null for none.</param>
/// <param name="read">Reads its bytes; null if none are to be had.</param>
/// <param name="owner">What is disposed of with this.</param>
internal sealed class UnwindModule(ElfFile? elf, UnwindTable? table, ReadBytes? read, IDisposable? owner) : IDisposable
{
    private const int BlockBytes = 4096;

    /// <summary>A power of two: every block of the file has one place among those that are kept.</summary>
    private const int KeptBlocks = 16;

    /// <summary>
    /// Blocks that were read last: who searches a stack for callers looks at the code before hundreds of words, most of
    /// them of the same few functions. Null until the first is read.
    /// </summary>
    private Block[]? _blocks;

    /// <summary>The module of which nothing is known.</summary>
    public static readonly UnwindModule None = new(null, null, null, null);

    /// <summary>The file's call frame information; null for none.</summary>
    public UnwindTable? Table => table;

    /// <summary>The file's own address of a byte of it.</summary>
    public bool TryGetAddress(ulong fileOffset, out ulong address)
    {
        address = 0;
        return elf?.TryGetAddress(fileOffset, out address) == true;
    }

    /// <summary>Copies bytes of the file; false where it has not so many.</summary>
    public bool TryRead(ulong fileOffset, Span<byte> bytes)
    {
        int inBlock = (int)(fileOffset % BlockBytes);
        if (bytes.Length > BlockBytes - inBlock)
        {
            return ReadAt(fileOffset, bytes) == bytes.Length;
        }

        _blocks ??= new Block[KeptBlocks];
        ulong number = fileOffset / BlockBytes;
        ref var block = ref _blocks[number % KeptBlocks];
        if (block.Bytes is null || block.Number != number)
        {
            block.Bytes ??= new byte[BlockBytes];
            block.Number = number;
            block.Length = ReadAt(fileOffset - (ulong)inBlock, block.Bytes);
        }

        return bytes.Length <= block.Length - inBlock && block.Bytes.AsSpan(inBlock, bytes.Length).TryCopyTo(bytes);
    }

    /// <inheritdoc/>
    public void Dispose() => owner?.Dispose();

    private int ReadAt(ulong fileOffset, Span<byte> bytes)
    {
        try
        {
            return read?.Invoke(fileOffset, bytes) ?? 0;
        }
        catch (IOException)
        {
            return 0; // the file's medium is gone; what was read of it before serves on
        }
    }

    private struct Block
    {
        /// <summary>Which of the file's blocks it is.</summary>
        public ulong Number;

        /// <summary>Bytes that the file has of it.</summary>
        public int Length;

        public byte[]? Bytes;
    }
}
