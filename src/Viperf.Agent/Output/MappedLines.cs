using Viperf.Agent.Linux;

namespace Viperf.Agent.Output;

/// <summary>
/// A text file whose end is mapped into memory, so that adding a line costs no system call and is in the file at once: not
/// even SIGKILL loses one. Behind the last line there are empty ones, which readers of perf maps pass over; they are cut
/// off when the process ends by itself.
/// </summary>
/// <remarks>
/// The empty lines are written, not only announced, so that a full disk is an error of that write and never a fault of the
/// program's. Whoever shortens the file while the program runs would cause one: it is made so that only its owner can.
/// </remarks>
internal unsafe struct MappedLines
{
    private const int SmallestChunk = 4 * 1024;
    private const int LargestChunk = 64 * 1024;

    /// <summary>Empty lines that are written at a time, from the stack; a divisor of the chunks.</summary>
    private const int EmptyBytes = 2 * 1024;

    /// <summary>What a mapping's offset is rounded down to: the largest page of any kernel.</summary>
    private const long Alignment = 64 * 1024;

    private byte* _window;

    /// <summary>Of the file, at the window's start.</summary>
    private long _windowOffset;

    /// <summary>Bytes of the file, empty lines included.</summary>
    private long _fileLength;

    private int _chunk;

    /// <summary>Bytes of the file up to the end of the last line.</summary>
    public long Length { get; private set; }

    /// <summary>Begins behind what is in the file.</summary>
    public void Begin(long length)
    {
        this = default;
        Length = length;
        _fileLength = length;
        _chunk = SmallestChunk;
    }

    /// <summary>Adds a line.</summary>
    /// <param name="path">The file.</param>
    /// <param name="line">The line with its end; at least a word long.</param>
    /// <returns>0, a negative error number or <see cref="OwnFile.NotOwn"/>.</returns>
    public int Add(byte* path, in TextBuffer line)
    {
        if (Length + line.Length > _fileLength || _window == null)
        {
            int error = Extend(path, line.Length);
            if (error != 0)
            {
                return error;
            }
        }

        // The address comes last: a line that is not whole is none.
        byte* to = _window + (Length - _windowOffset);
        for (int i = sizeof(ulong); i < line.Length; i++)
        {
            to[i] = line.First[i];
        }

        *(ulong*)to = *(ulong*)line.First;
        Length += line.Length;
        return 0;
    }

    /// <summary>Cuts the empty lines off. Lines may still be added.</summary>
    public void Trim(byte* path)
    {
        if (_window == null)
        {
            return;
        }

        Unmap();
        int file = OwnFile.OpenExisting(path, out long length);
        if (file >= 0)
        {
            if (length == _fileLength)
            {
                _ = Syscall.SetLength(file, Length);
            }

            Syscall.Close(file);
        }

        _fileLength = Length;
    }

    /// <summary>Forgets a mapping that is the parent's, after a fork.</summary>
    public void Unmap()
    {
        if (_window != null)
        {
            Syscall.UnmapMemory(_window, (nuint)(_fileLength - _windowOffset));
            _window = null;
        }
    }

    private int Extend(byte* path, int needed)
    {
        Unmap();
        int file = OwnFile.OpenExisting(path, out long length);
        if (file < 0)
        {
            return file;
        }

        if (length != _fileLength)
        {
            Length = length; // somebody else in the process wrote to it too
        }

        while (_chunk < needed)
        {
            _chunk *= 2;
        }

        byte* empty = stackalloc byte[EmptyBytes];
        for (int i = 0; i < EmptyBytes; i++)
        {
            empty[i] = (byte)'\n';
        }

        int error = 0;
        long end = length;
        while (error == 0 && end < length + _chunk)
        {
            error = OwnFile.Append(file, new TextBuffer(empty, EmptyBytes, EmptyBytes), end);
            end += error == 0 ? EmptyBytes : 0;
        }

        long offset = Length & ~(Alignment - 1);
        if (error == 0)
        {
            _window = Syscall.MapMemory(
                (nuint)(end - offset), Syscall.PROT_READ | Syscall.PROT_WRITE, Syscall.MAP_SHARED, file, offset, out error);
        }

        Syscall.Close(file);
        _windowOffset = offset;
        _fileLength = end;
        _chunk = _chunk < LargestChunk ? 2 * _chunk : _chunk;
        return error;
    }
}
