using System.Runtime.InteropServices;
using System.Text;

namespace Viperf.Core.Linux;

/// <summary>Sockets of this machine (AF_UNIX) that keep messages apart (SOCK_SEQPACKET) and pass descriptors on.</summary>
internal static unsafe partial class LocalSocket
{
    private const int AF_UNIX = 1;
    private const int SOCK_SEQPACKET = 5;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int SOCK_NONBLOCK = 0x800;
    private const int SOL_SOCKET = 1;
    private const int SO_PEERCRED = 17;
    private const int SCM_RIGHTS = 1;
    private const int MSG_NOSIGNAL = 0x4000;
    private const int Backlog = 128;

    /// <summary>Bytes of <c>sun_path</c>.</summary>
    private const int MostPathBytes = 108;

    /// <summary>Listens at a path, where every user may connect.</summary>
    /// <returns>A descriptor.</returns>
    /// <exception cref="UserErrorException">It cannot be listened there.</exception>
    public static int Listen(string path)
    {
        byte[] name = Encoding.UTF8.GetBytes(path);
        if (name.Length >= MostPathBytes)
        {
            throw new UserErrorException($"{path}: too long for a socket: set TMPDIR to a shorter path");
        }

        byte* address = stackalloc byte[sizeof(ushort) + MostPathBytes];
        *(ushort*)address = AF_UNIX;
        name.CopyTo(new Span<byte>(address + sizeof(ushort), MostPathBytes));
        address[sizeof(ushort) + name.Length] = 0;
        int socket = Create(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (socket < 0 || Bind(socket, address, sizeof(ushort) + name.Length + 1) < 0 || Listen(socket, Backlog) < 0)
        {
            string problem = Errno.Text(Marshal.GetLastPInvokeError());
            if (socket >= 0)
            {
                _ = Descriptor.Close(socket);
            }

            throw new UserErrorException($"{path}: cannot listen there: {problem}");
        }

        return socket;
    }

    /// <summary>Takes a connection; -1 if there is none.</summary>
    public static int Accept(int socket) => Accept4(socket, null, null, SOCK_CLOEXEC | SOCK_NONBLOCK);

    /// <summary>The process that connected, by this process's numbers; 0 if it is not known here.</summary>
    public static int PeerProcess(int socket)
    {
        int* credentials = stackalloc int[3]; // struct ucred: process, user, group
        int length = 3 * sizeof(int);
        return GetOption(socket, SOL_SOCKET, SO_PEERCRED, credentials, &length) == 0 ? credentials[0] : 0;
    }

    /// <summary>Sends a message and a descriptor.</summary>
    public static bool TrySend(int socket, ReadOnlySpan<byte> message, int descriptor)
    {
        fixed (byte* bytes = message)
        {
            Vector vector = new() { Start = bytes, Length = (nuint)message.Length };
            Control control = new() { Length = Control.Used, Level = SOL_SOCKET, Type = SCM_RIGHTS, File = descriptor };
            Message header = new() { Vectors = &vector, VectorCount = 1, Control = &control, ControlLength = (nuint)sizeof(Control) };
            return Send(socket, &header, MSG_NOSIGNAL) == message.Length;
        }
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Create(int family, int kind, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int socket, void* address, int length);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    private static partial int Listen(int socket, int backlog);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static partial int Accept4(int socket, void* address, int* length, int flags);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static partial int GetOption(int socket, int level, int option, void* value, int* length);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint Send(int socket, Message* message, int flags);

    /// <summary><c>struct iovec</c>.</summary>
    private struct Vector
    {
        public void* Start;
        public nuint Length;
    }

    /// <summary><c>struct msghdr</c>.</summary>
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
    }
}
