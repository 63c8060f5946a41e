using System.Globalization;
using System.Runtime.InteropServices;
using Viperf.Abi;
using Viperf.Core.Linux;

namespace Viperf.Core.Recording;

/// <summary>Talks to agents that ask to have their process sampled (<see cref="CaptureProtocol"/>).</summary>
internal abstract class CaptureListener : IDisposable
{
    private readonly int _socket;
    private readonly Dictionary<int, CapturedProcess?> _talks = []; // by the connection's descriptor
    private readonly Dictionary<int, CapturedProcess> _running = []; // by EndDescriptor
    private readonly Dictionary<int, CapturedProcess> _paused = []; // by the connection's descriptor
    private readonly HashSet<string> _problems = [];

    /// <summary>Begins to listen.</summary>
    /// <param name="path">The socket's path.</param>
    protected CaptureListener(string path)
    {
        _socket = LocalSocket.Listen(path);
        File.SetUnixFileMode(
            path,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite
            | UnixFileMode.OtherRead | UnixFileMode.OtherWrite); // a program may become another user before it asks
    }

    /// <summary>Why processes are not captured, a line each.</summary>
    public IEnumerable<string> Problems => _problems;

    /// <summary>Processes that are sampled and have not ended.</summary>
    protected IEnumerable<CapturedProcess> Running => _running.Values;

    /// <summary>Begins to wait for agents.</summary>
    public void Watch(Epoll epoll) => epoll.Add(_socket, input: true);

    /// <summary>Does what a descriptor that is ready asks for.</summary>
    /// <param name="epoll">Where it is waited for.</param>
    /// <param name="fd">The descriptor.</param>
    /// <param name="ended">True if it has ended, false if it has input.</param>
    /// <returns>False if it is not of this listener.</returns>
    public bool TryTake(Epoll epoll, int fd, bool ended)
    {
        if (fd == _socket)
        {
            Accept(epoll);
            return true;
        }

        if (_running.TryGetValue(fd, out var process))
        {
            if (ended || process.HasTimers) // an event's input is a ring that fills: it shares one with all others
            {
                _running.Remove(fd);
                epoll.Remove(fd);
                End(process);
            }

            return true;
        }

        if (!_talks.ContainsKey(fd))
        {
            return false;
        }

        Talk(epoll, fd);
        return true;
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        foreach (var (fd, process) in _talks)
        {
            _ = Descriptor.Close(fd);
            process?.Dispose();
        }

        _ = Descriptor.Close(_socket);
    }

    /// <summary>Prepares to sample a process and tells its agent (<see cref="TrySend"/>).</summary>
    /// <param name="connection">To the agent.</param>
    /// <param name="pid">The process.</param>
    /// <param name="request">What it asks.</param>
    /// <returns>The process; null if it is not to be sampled.</returns>
    protected abstract CapturedProcess? Answer(int connection, int pid, in CaptureRequest request);

    /// <summary>Lets the sampling begin: the agent is ready.</summary>
    protected abstract void Begin(CapturedProcess process);

    /// <summary>A process has ended.</summary>
    protected abstract void End(CapturedProcess process);

    /// <summary>Notes why a process is not captured.</summary>
    protected void AddProblem(string line) => _problems.Add(line);

    /// <summary>Sends an answer with a new ring.</summary>
    /// <returns>The ring; null if the agent has hung up.</returns>
    protected static CaptureRingReader? TrySend(int connection, in CaptureAnswer answer)
    {
        long bytes = CaptureRingHeader.HeaderBytes + answer.RingBytes;
        int file = MemoryFile.Create("viperf", bytes);
        var mapping = SharedMapping.TryCreate(file, bytes, out _);
        bool isSent = mapping != null && LocalSocket.TrySend(connection, MemoryMarshal.AsBytes(new ReadOnlySpan<CaptureAnswer>(in answer)), file);
        _ = Descriptor.Close(file);
        if (isSent)
        {
            return new CaptureRingReader(mapping!, answer.RingBytes);
        }

        mapping?.Dispose();
        return null;
    }

    private void Accept(Epoll epoll)
    {
        int fd;
        while ((fd = LocalSocket.Accept(_socket)) >= 0)
        {
            _talks.Add(fd, null);
            epoll.Add(fd, input: true);
        }
    }

    private void Talk(Epoll epoll, int fd)
    {
        Span<byte> message = stackalloc byte[512];
        int length = Descriptor.Read(fd, message);
        var process = _talks[fd];
        if (process == null && length == Marshal.SizeOf<CaptureRequest>())
        {
            var request = MemoryMarshal.Read<CaptureRequest>(message);
            if (request.Mark == CaptureProtocol.Mark && request.Wish == CaptureWish.Pause && Pause(fd))
            {
                return;
            }

            _talks[fd] = request is { Mark: CaptureProtocol.Mark, Wish: CaptureWish.Begin or CaptureWish.BeginChild } ? Prepare(fd, request) : null;
            if (_talks[fd] != null)
            {
                return;
            }
        }
        else if (process != null && length == 1)
        {
            Begin(process);
            _running.Add(process.EndDescriptor, process);
            epoll.Add(process.EndDescriptor, input: true);
            _talks[fd] = null;
        }
        else if (length == 1 && _paused.TryGetValue(fd, out var paused))
        {
            paused.GoOn();
        }

        HangUp(epoll, fd); // done, or it makes no sense, or it hung up itself
    }

    /// <summary>Stops a process's events before it executes another program.</summary>
    private bool Pause(int fd)
    {
        int pid = LocalSocket.PeerProcess(fd);
        if (_running.Values.FirstOrDefault(candidate => candidate.Pid == pid) is not { HasTimers: false } process)
        {
            return false;
        }

        process.Pause();
        _paused.Add(fd, process);
        return Descriptor.Write(fd, [1]) == 1;
    }

    private CapturedProcess? Prepare(int fd, in CaptureRequest request)
    {
        int pid = LocalSocket.PeerProcess(fd);
        if (TracerOf(pid) is { } tracer)
        {
            _problems.Add($"process {pid} is not sampled: each sample would stop it for process {tracer}, which traces it (a debugger, strace)");
            return null;
        }

        return Answer(fd, pid, request);
    }

    /// <summary>The process that traces another: it would be told of each signal.</summary>
    private static int? TracerOf(int pid)
    {
        const string Key = "TracerPid:";
        try
        {
            string? line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status"))
                .FirstOrDefault(text => text.StartsWith(Key, StringComparison.Ordinal));
            return int.TryParse(line?[Key.Length..], CultureInfo.InvariantCulture, out int tracer) && tracer != 0 ? tracer : null;
        }
        catch (IOException)
        {
            return null; // it is gone
        }
    }

    private void HangUp(Epoll epoll, int fd)
    {
        _paused.Remove(fd);
        _talks.Remove(fd, out var process);
        process?.Dispose();
        epoll.Remove(fd);
        _ = Descriptor.Close(fd);
    }
}
