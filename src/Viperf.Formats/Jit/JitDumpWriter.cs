using System.Text;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.Jit;

/// <summary>
/// Writes a jitdump file (perf's jitdump-specification.txt). Each record is one write to the stream, so that over a stream
/// without a buffer the file is whole after every call, and nothing waits that a fork could write twice.
/// </summary>
/// <remarks>
/// What is known of a piece of code goes first: its lines, its unwind information, and then the code. Times must be those
/// of the clock that samples are taken with, CLOCK_MONOTONIC in nanoseconds, and must not fall.
/// </remarks>
public sealed class JitDumpWriter
{
    private static ReadOnlySpan<byte> RepeatedName => [0xff];

    private readonly Stream _stream;
    private readonly uint _processId;
    private readonly ByteWriter _record = new();

    /// <summary>Begins a file: writes its header.</summary>
    /// <param name="stream">The file, which the caller closes.</param>
    /// <param name="header">What the file says of itself.</param>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public JitDumpWriter(Stream stream, in JitDumpHeader header)
    {
        _stream = stream;
        _processId = header.ProcessId;
        header.Write(_record);
        stream.Write(_record.Written);
    }

    /// <summary>Writes the line table of the code that is written next at <paramref name="codeAddress"/>.</summary>
    /// <param name="time">Nanoseconds.</param>
    /// <param name="codeAddress">Virtual address of the code.</param>
    /// <param name="lines">The rows, in the order of their places in the code.</param>
    /// <exception cref="ArgumentException">A file name has a zero byte, or there are too many lines for a record.</exception>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public void WriteDebugInfo(ulong time, ulong codeAddress, ReadOnlySpan<JitLine> lines)
    {
        long size = JitRecordLayout.DebugEntries;
        for (int i = 0; i < lines.Length; i++)
        {
            size += JitRecordLayout.DebugEntryName + NameBytes(lines, i) + 1;
        }

        Begin(JitRecordType.JIT_CODE_DEBUG_INFO, size, time);
        _record.WriteUInt64(codeAddress);
        _record.WriteUInt64((ulong)lines.Length);
        for (int i = 0; i < lines.Length; i++)
        {
            _record.WriteUInt64(codeAddress + lines[i].CodeOffset);
            _record.WriteInt32(lines[i].Line);
            _record.WriteInt32(lines[i].Discriminator);
            _record.WriteBytes(IsRepeated(lines, i) ? RepeatedName : Encoding.UTF8.GetBytes(lines[i].FileName));
            _record.WriteByte(0);
        }

        _stream.Write(_record.Written);
    }

    /// <summary>Writes the unwind information of the code that is written next.</summary>
    /// <param name="time">Nanoseconds.</param>
    /// <param name="ehFrame">A whole <c>.eh_frame</c>.</param>
    /// <param name="ehFrameHeader">The <c>.eh_frame_hdr</c> that lies directly behind it.</param>
    /// <param name="mappedSize">Bytes of both that the process has mapped behind the code; 0 if none are.</param>
    /// <exception cref="ArgumentException">It is too long for a record.</exception>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public void WriteUnwindingInfo(
        ulong time, ReadOnlySpan<byte> ehFrame, ReadOnlySpan<byte> ehFrameHeader, ulong mappedSize)
    {
        long dataSize = (long)ehFrame.Length + ehFrameHeader.Length;
        long size = JitRecordLayout.UnwindingData + dataSize;
        Begin(JitRecordType.JIT_CODE_UNWINDING_INFO, size + (-size & (JitRecordLayout.Alignment - 1)), time);
        _record.WriteUInt64((ulong)dataSize);
        _record.WriteUInt64((ulong)ehFrameHeader.Length);
        _record.WriteUInt64(mappedSize);
        _record.WriteBytes(ehFrame);
        _record.WriteBytes(ehFrameHeader);
        _record.Align(JitRecordLayout.Alignment);
        _stream.Write(_record.Written);
    }

    /// <summary>Writes a piece of code.</summary>
    /// <param name="time">When it can be run from; nanoseconds.</param>
    /// <param name="threadId">The thread that generated it.</param>
    /// <param name="address">Its virtual address.</param>
    /// <param name="index">Its number, which no other code of the process has.</param>
    /// <param name="name">Its name.</param>
    /// <param name="code">Its bytes; at least one.</param>
    /// <exception cref="ArgumentException">The name has a zero byte or is too long, or the code is empty or too long.</exception>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public void WriteCodeLoad(
        ulong time, uint threadId, ulong address, ulong index, ReadOnlySpan<byte> name, ReadOnlySpan<byte> code)
    {
        if (name.Contains((byte)0) || name.Length > Limits.NameBytes)
        {
            throw new ArgumentException($"a name has no zero byte and at most {Limits.NameBytes} bytes", nameof(name));
        }

        if (code.IsEmpty)
        {
            throw new ArgumentException("no code", nameof(code));
        }

        Begin(JitRecordType.JIT_CODE_LOAD, JitRecordLayout.LoadName + name.Length + 1L + code.Length, time);
        _record.WriteUInt32(_processId);
        _record.WriteUInt32(threadId);
        _record.WriteUInt64(address);
        _record.WriteUInt64(address);
        _record.WriteUInt64((ulong)code.Length);
        _record.WriteUInt64(index);
        _record.WriteBytes(name);
        _record.WriteByte(0);
        _record.WriteBytes(code);
        _stream.Write(_record.Written);
    }

    /// <summary>Writes that no code follows.</summary>
    /// <param name="time">Nanoseconds.</param>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public void WriteClose(ulong time)
    {
        Begin(JitRecordType.JIT_CODE_CLOSE, JitRecordPrefix.ByteCount, time);
        _stream.Write(_record.Written);
    }

    private void Begin(JitRecordType type, long size, ulong time)
    {
        if (size > Limits.JitRecordBytes)
        {
            throw new ArgumentException($"a record of {size} bytes, more than the limit of {Limits.JitRecordBytes}");
        }

        _record.Clear();
        _record.WriteUInt32((uint)type);
        _record.WriteUInt32((uint)size);
        _record.WriteUInt64(time);
    }

    /// <summary>Bytes of a line's file name as it is written, without its end.</summary>
    private static int NameBytes(ReadOnlySpan<JitLine> lines, int i)
    {
        if (IsRepeated(lines, i))
        {
            return RepeatedName.Length;
        }

        return lines[i].FileName.Contains('\0')
            ? throw new ArgumentException("a file name has no zero byte", nameof(lines))
            : Encoding.UTF8.GetByteCount(lines[i].FileName);
    }

    private static bool IsRepeated(ReadOnlySpan<JitLine> lines, int i) =>
        i > 0 && lines[i].FileName.Length > 0 && lines[i].FileName == lines[i - 1].FileName;
}
