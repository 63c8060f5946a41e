using Viperf.Abi;

namespace Viperf.Agent.Linux;

/// <summary>
/// The connection to the recorder: while a process gets ready to be sampled, and while it executes another program. Where the
/// recorder is gone, or stopped, nothing here waits for long or raises a signal.
/// </summary>
internal readonly unsafe struct RecorderSocket
{
    private const int AF_UNIX = 1;
    private const int SOCK_SEQPACKET = 5;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int SOL_SOCKET = 1;
    private const int SO_RCVTIMEO = 20;
    private const int SO_SNDTIMEO = 21; // also how long connect waits
    private const int SCM_RIGHTS = 1;
    private const int MSG_CMSG_CLOEXEC = 0x4000_0000;
    private const int MSG_NOSIGNAL = 0x4000;

    /// <summary>A recorder that does not answer in this time is not waited for: seconds.</summary>
    private const long MostSeconds = 2;

    private const ulong NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Where the recorder listens: the program may clear its environment.</summary>
    private static Address s_address;

    private static int s_addressBytes;

    private readonly int _socket;

    private RecorderSocket(int socket)
    {
        _socket = socket;
    }

    /// <summary>Remembers where a session's recorder listens.</summary>
    /// <param name="directory">The session's directory.</param>
    public static bool TryFind(byte* directory)
    {
        fixed (Address* address = &s_address)
        {
            address->Family = AF_UNIX;
            TextBuffer path = new(address->Path, Address.PathBytes);
            path.AddString(directory);
            path.Add(CaptureProtocol.SocketFile);
            path.Add(0);
            s_addressBytes = sizeof(ushort) + path.Length;
            return !path.IsCut;
        }
    }

    /// <summary>Connects to the recorder.</summary>
    /// <param name="socket">The connection.</param>
    /// <returns>0 or a negative error number.</returns>
    public static int Connect(out RecorderSocket socket)
    {
        socket = default;
        int file = Syscall.Socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC);
        if (file < 0)
        {
            return file;
        }

        long* timeout = stackalloc long[] { MostSeconds, 0 };
        _ = Syscall.SetSocketOption(file, SOL_SOCKET, SO_RCVTIMEO, timeout, 2 * sizeof(long));
        _ = Syscall.SetSocketOption(file, SOL_SOCKET, SO_SNDTIMEO, timeout, 2 * sizeof(long));
        int error;
        fixed (Address* address = &s_address)
        {
            error = Syscall.Connect(file, address, s_addressBytes);
        }

        if (error != 0)
        {
            Syscall.Close(file);
            return error;
        }

        socket = new RecorderSocket(file);
        return 0;
    }

    /// <summary>Sends a message, or part of the talk that has no text: a byte.</summary>
    public bool TrySend(void* message, int bytes) => Syscall.SendMessage(_socket, message, bytes, MSG_NOSIGNAL) == bytes;

    /// <summary>Waits for the answer, and for the memory that comes with it.</summary>
    /// <param name="answer">Gets the answer.</param>
    /// <param name="file">The memory's descriptor.</param>
    public bool TryReceive(CaptureAnswer* answer, out int file)
    {
        file = -1;
        Control control = default;
        nint received = Receive(answer, sizeof(CaptureAnswer), ref control);
        if (control.Length >= Control.Used && control.Level == SOL_SOCKET && control.Type == SCM_RIGHTS)
        {
            file = control.File;
        }

        return received == sizeof(CaptureAnswer) && file >= 0;
    }

    /// <summary>Waits for an answer that is one byte.</summary>
    public bool TryReceive()
    {
        byte answer;
        Control control = default;
        return Receive(&answer, sizeof(byte), ref control) == sizeof(byte);
    }

    /// <summary>Hangs up.</summary>
    public void Close() => Syscall.Close(_socket);

    /// <summary>Receives a message, as long as that may take. Signals that come meanwhile do not make it longer.</summary>
    private nint Receive(void* to, int bytes, ref Control control)
    {
        ulong end = Libc.MonotonicTime() + ((ulong)MostSeconds * NanosecondsPerSecond);
        fixed (Control* place = &control)
        {
            Vector vector = new() { Start = to, Length = (nuint)bytes };
            Message message = new() { Vectors = &vector, VectorCount = 1, Control = place, ControlLength = (nuint)sizeof(Control) };
            nint received;
            do
            {
                received = Syscall.ReceiveMessage(_socket, &message, MSG_CMSG_CLOEXEC);
            }
            while (received == Syscall.EINTR && Libc.MonotonicTime() < end);

            return received;
        }
    }

    /// <summary><c>struct sockaddr_un</c>.</summary>
    private struct Address
    {
        public const int PathBytes = 108;

        public ushort Family;
        private fixed byte _path[PathBytes];

        public byte* Path
        {
            get
            {
                fixed (byte* first = _path)
                {
                    return first;
                }
            }
        }
    }

    /// <summary><c>struct iovec</c>.</summary>
    private struct Vector
    {
        public void* Start;
        public nuint Length;
    }

    /// <summary><c>struct user_msghdr</c>.</summary>
    private struct Message
    {
        public void* Name;
        public int NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary><c>struct cmsghdr</c> with one descriptor.</summary>
    private struct Control
    {
        public const nuint Used = 20;

        public nuint Length;
        public int Level;
        public int Type;
        public int File;
        private readonly int _padding;
    }
}
