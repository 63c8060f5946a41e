using System.Globalization;
using System.Runtime.InteropServices;
using Viperf.Abi;
using Viperf.Core.Linux;

namespace Viperf.Core.Recording;

/// <summary>Answers agents that ask to have their process sampled (<see cref="CaptureProtocol"/>).</summary>
internal sealed class CaptureServer : IDisposable
{
    /// <summary>Bytes of each process's ring: a tenth of a second at 9,999 Hz with 200 frames has 1.7 MB.</summary>
    private const uint RingBytes = 4 * 1024 * 1024;

    private readonly int _socket;
    private readonly EventSet _events;
    private readonly CaptureEvents _capture;
    private readonly LiveDrain _drain;
    private readonly ICaptureSink _sink;
    private readonly Dictionary<int, CapturedProcess?> _talks = []; // by the connection's descriptor
    private readonly Dictionary<int, CapturedProcess> _running = []; // by EndDescriptor
    private readonly Dictionary<int, CapturedProcess> _paused = []; // by the connection's descriptor
    private readonly List<int> _waiting = [];
    private readonly HashSet<string> _problems = [];
    private int _root;

    /// <summary>Begins to listen.</summary>
    /// <param name="path">The socket's path.</param>
    /// <param name="events">The recording's events.</param>
    /// <param name="root">The process that is launched.</param>
    /// <param name="drain">Takes the samples.</param>
    /// <param name="sink">Takes the processes.</param>
    public CaptureServer(string path, EventSet events, int root, LiveDrain drain, ICaptureSink sink)
    {
        _socket = LocalSocket.Listen(path);
        File.SetUnixFileMode(
            path,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite
            | UnixFileMode.OtherRead | UnixFileMode.OtherWrite); // a program may become another user before it asks
        _events = events;
        _capture = new CaptureEvents(events);
        _root = root;
        _drain = drain;
        _sink = sink;
    }

    /// <summary>Why processes are not captured, a line each.</summary>
    public IEnumerable<string> Problems => _problems;

    /// <summary>Begins to wait for agents.</summary>
    public void Watch(Epoll epoll) => epoll.Add(_socket, input: true);

    /// <summary>Does what a descriptor that is ready asks for.</summary>
    /// <returns>False if it is not of this server.</returns>
    public bool TryTake(Epoll epoll, int fd)
    {
        if (fd == _socket)
        {
            Accept(epoll);
            return true;
        }

        if (_running.Remove(fd, out var process))
        {
            epoll.Remove(fd);
            process.End();
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
    public void Dispose()
    {
        foreach (var (fd, process) in _talks)
        {
            _ = Descriptor.Close(fd);
            process?.Dispose();
        }

        foreach (int fd in _waiting)
        {
            _ = Descriptor.Close(fd);
        }

        _ = Descriptor.Close(_socket);
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
        Span<byte> message = stackalloc byte[64];
        int length = Descriptor.Read(fd, message);
        var process = _talks[fd];
        if (process == null && length == Marshal.SizeOf<CaptureRequest>())
        {
            var request = MemoryMarshal.Read<CaptureRequest>(message);
            if (request.Mark == CaptureProtocol.Mark && request.Wish == CaptureWish.Pause && Pause(fd))
            {
                return;
            }

            _talks[fd] = request is { Mark: CaptureProtocol.Mark, Wish: CaptureWish.Begin or CaptureWish.BeginChild } ? Answer(fd, request) : null;
            if (_talks[fd] != null)
            {
                return;
            }
        }
        else if (process != null && length == 1)
        {
            Begin(epoll, process);
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
        if (_running.Values.FirstOrDefault(candidate => candidate.Pid == pid) is not { } process)
        {
            return false;
        }

        process.Pause();
        _paused.Add(fd, process);
        return Descriptor.Write(fd, [1]) == 1;
    }

    /// <summary>Opens the events of a process and tells it.</summary>
    private CapturedProcess? Answer(int fd, in CaptureRequest request)
    {
        int pid = LocalSocket.PeerProcess(fd);
        if (TracerOf(pid) is { } tracer)
        {
            _problems.Add($"process {pid} is not sampled: each sample would stop it for process {tracer}, which traces it (a debugger, strace)");
            return null;
        }

        var opened = new List<int>();
        int errno = _capture.TryOpen(pid, opened, out var described);
        if (errno != 0)
        {
            _problems.Add($"Python frames cannot be captured: the kernel refuses the events: {Errno.Text(errno)}");
            return null;
        }

        _drain.Add(described);
        int file = MemoryFile.Create("viperf", CaptureRingHeader.HeaderBytes + RingBytes);
        var mapping = SharedMapping.TryCreate(file, CaptureRingHeader.HeaderBytes + RingBytes, out errno);
        var answer = new CaptureAnswer
        {
            Mark = CaptureProtocol.Mark,
            RingBytes = RingBytes,
            SignalData = CaptureEvents.SignalData,
            MeasuresCpuTime = _capture.ExcludeKernel ? 1UL : 0,
        };
        bool isSent = mapping != null && LocalSocket.TrySend(fd, MemoryMarshal.AsBytes(new ReadOnlySpan<CaptureAnswer>(in answer)), file);
        _ = Descriptor.Close(file);
        if (isSent)
        {
            return new CapturedProcess(pid, request.PythonMinor, new CaptureRingReader(mapping!, RingBytes), opened);
        }

        mapping?.Dispose();
        opened.ForEach(descriptor => _ = Descriptor.Close(descriptor));
        return null;
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

    private void Begin(Epoll epoll, CapturedProcess process)
    {
        _drain.Drain(ended: false); // how many processes there are is known by what came
        if (process.Pid == _root)
        {
            OpenWaiting(process.Pid);
            _root = 0;
            if (_sink.LiveProcesses == 1)
            {
                _events.Disable(0); // of nobody else: it would sample the process a second time
            }
        }

        process.Enable();
        _sink.Begin(process);
        _running.Add(process.EndDescriptor, process);
        epoll.Add(process.EndDescriptor, input: false);
    }

    private void OpenWaiting(int pid)
    {
        if (_capture.TryOpenWaiting(pid, _waiting, out var described) == 0)
        {
            _drain.Add(described);
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
