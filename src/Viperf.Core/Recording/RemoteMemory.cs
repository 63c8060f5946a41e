using System.Buffers.Binary;
using Viperf.Core.Linux;

namespace Viperf.Core.Recording;

/// <summary>Memory of a process for as long as one of its threads is looked at: each page is read once.</summary>
/// <param name="pid">The process.</param>
internal sealed class RemoteMemory(int pid)
{
    private const int Pages = 32; // a power of two
    private const int PageBytes = 4096; // the smallest: larger ones are read in parts

    private readonly ulong[] _addresses = new ulong[Pages];
    private readonly byte[] _bytes = new byte[Pages * PageBytes];
    private int _next;

    /// <summary>Forgets all: the process has gone on.</summary>
    public void Forget() => Array.Clear(_addresses);

    /// <summary>Copies memory; false where it cannot be read.</summary>
    public bool TryRead(ulong address, Span<byte> to)
    {
        while (!to.IsEmpty)
        {
            if (!TryFind(address & ~(ulong)(PageBytes - 1), out int page))
            {
                return false;
            }

            int offset = (int)(address & (PageBytes - 1));
            int count = Math.Min(PageBytes - offset, to.Length);
            _bytes.AsSpan((page * PageBytes) + offset, count).CopyTo(to);
            address += (ulong)count;
            to = to[count..];
        }

        return true;
    }

    /// <summary>Reads eight bytes; false where there are none.</summary>
    public bool TryReadWord(ulong address, out ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bool isRead = TryRead(address, bytes);
        value = isRead ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;
        return isRead;
    }

    private bool TryFind(ulong address, out int page)
    {
        page = 0;
        if (address == 0)
        {
            return false;
        }

        page = Array.IndexOf(_addresses, address);
        if (page >= 0)
        {
            return true;
        }

        page = _next;
        _next = (_next + 1) & (Pages - 1);
        _addresses[page] = 0;
        if (!ProcessMemory.TryRead(pid, address, _bytes.AsSpan(page * PageBytes, PageBytes)))
        {
            return false;
        }

        _addresses[page] = address;
        return true;
    }
}
