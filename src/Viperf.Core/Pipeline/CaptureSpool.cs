using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Viperf.Core.Linux;
using Viperf.Core.Python;
using Viperf.Formats.Bytes;
using Viperf.Formats.Python;

namespace Viperf.Core.Pipeline;

/// <summary>
/// What the files of a recording are made of, written down while it is recorded: should the recorder be killed, whoever reads
/// the recording makes them. Each record is in the file before the first sample that needs it is in the recording.
/// </summary>
/// <remarks>
/// The file begins with <see cref="Magic"/>. Records follow: kind, index of the process and bytes of the rest (four bytes each,
/// as the machine has them), and the rest. As long as the recorder lives it holds a lock on the file.
/// </remarks>
internal sealed class CaptureSpool : IDisposable
{
    /// <summary>The name of a recording's spool behind the number that all of its files begin with.</summary>
    public const string Name = "spool";

    private const uint ProcessKind = 1; // pid, minor version of Python, build-id
    private const uint CodeKind = 2; // a CaptureCode
    private const uint OutsideCodeKind = 3; // one that the recorder made
    private const uint LeafKind = 4; // a name
    private const int HeadBytes = 3 * sizeof(uint);
    private const int ProcessBytes = (2 * sizeof(int)) + CodeElfWriter.BuildIdBytes;

    /// <summary>No record is larger: texts and tables have smaller limits where they are written.</summary>
    private const int MostBytes = 16 * 1024 * 1024;

    /// <summary>No recording has more processes; what is hostile stops here.</summary>
    private const int MostProcesses = 1024 * 1024;

    private readonly FileStream _file;
    private readonly ByteWriter _record = new();

    /// <summary>Begins a spool.</summary>
    /// <param name="path">Where it will lie.</param>
    /// <exception cref="UserErrorException">It cannot be written there.</exception>
    public CaptureSpool(string path)
    {
        try
        {
            _file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                Share = FileShare.None, // a lock, which CapturedFiles asks for
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw Failure(path, problem);
        }

        _record.WriteBytes(Magic);
        Write();
    }

    /// <summary>What a spool begins with.</summary>
    public static ReadOnlySpan<byte> Magic => "vipspl\0\u0001"u8;

    /// <summary>A process is captured.</summary>
    public void Begin(int index, int pid, int pythonMinor, ReadOnlySpan<byte> buildId)
    {
        WriteHead(ProcessKind, index, ProcessBytes);
        _record.WriteUInt32((uint)pid);
        _record.WriteUInt32((uint)pythonMinor);
        _record.WriteBytes(buildId);
        Write();
    }

    /// <summary>A process has new code.</summary>
    /// <param name="index">The process.</param>
    /// <param name="record">A <see cref="Viperf.Abi.CaptureCode"/> that <see cref="CapturedCode.TryAdd"/> has taken.</param>
    /// <param name="isOutside">As there.</param>
    public void Add(int index, ReadOnlySpan<byte> record, bool isOutside) =>
        Add(isOutside ? OutsideCodeKind : CodeKind, index, record);

    /// <summary>A process has a new name for why threads stand still (<see cref="CapturedCode.LeafOf"/>).</summary>
    public void AddLeaf(int index, string name) => Add(LeafKind, index, Encoding.UTF8.GetBytes(name));

    /// <summary>Removes it: what it was for has been written.</summary>
    public void Remove()
    {
        File.Delete(_file.Name);
        _file.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>Reads what a recorder left. What is torn, or makes no sense, ends it: all before that counts.</summary>
    /// <param name="bytes">The file, from its start.</param>
    public static IReadOnlyCollection<SpooledProcess> Read(Stream bytes)
    {
        var found = new SortedDictionary<uint, SpooledProcess>();
        Span<byte> head = stackalloc byte[HeadBytes];
        if (bytes.ReadAtLeast(head[..Magic.Length], Magic.Length, throwOnEndOfStream: false) < Magic.Length || !head[..Magic.Length].SequenceEqual(Magic))
        {
            return [];
        }

        byte[] rest = new byte[4096];
        while (bytes.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false) == HeadBytes)
        {
            uint kind = MemoryMarshal.Read<uint>(head);
            uint index = MemoryMarshal.Read<uint>(head[sizeof(uint)..]);
            uint size = MemoryMarshal.Read<uint>(head[(2 * sizeof(uint))..]);
            if (size > MostBytes)
            {
                break;
            }

            if (size > rest.Length)
            {
                rest = new byte[BitOperations.RoundUpToPowerOf2(size)];
            }

            var record = rest.AsSpan(0, (int)size);
            if (bytes.ReadAtLeast(record, record.Length, throwOnEndOfStream: false) < record.Length || !Take(found, kind, index, record))
            {
                break;
            }
        }

        return found.Values;
    }

    private static bool Take(SortedDictionary<uint, SpooledProcess> found, uint kind, uint index, ReadOnlySpan<byte> record)
    {
        switch (kind)
        {
            case ProcessKind when record.Length == ProcessBytes && found.Count < MostProcesses && !found.ContainsKey(index):
                int pid = MemoryMarshal.Read<int>(record);
                int minor = MemoryMarshal.Read<int>(record[sizeof(int)..]);
                found.Add(index, new SpooledProcess(index, pid, minor, record[(2 * sizeof(int))..].ToArray(), new CapturedCode()));
                return pid > 0;
            case CodeKind or OutsideCodeKind when found.TryGetValue(index, out var process):
                return process.Code.TryAdd(record, CapturedStacks.AddressBytes, isOutside: kind == OutsideCodeKind);
            case LeafKind when found.TryGetValue(index, out var process) && process.Code.Length < CapturedStacks.AddressBytes:
                process.Code.LeafOf(Encoding.UTF8.GetString(record));
                return true;
            default:
                return false;
        }
    }

    private static UserErrorException Failure(string path, Exception problem) =>
        new($"{path}: what is captured of Python cannot be written: {Errno.Text(problem)}");

    /// <summary>Each shifts what comes behind it, so that none may be missing.</summary>
    private void Add(uint kind, int index, ReadOnlySpan<byte> record)
    {
        if (record.Length <= MostBytes)
        {
            WriteHead(kind, index, record.Length);
            _record.WriteBytes(record);
            Write();
        }
    }

    private void WriteHead(uint kind, int index, int bytes)
    {
        _record.WriteUInt32(kind);
        _record.WriteUInt32((uint)index);
        _record.WriteUInt32((uint)bytes);
    }

    /// <summary>Hands the kernel one whole record, which it keeps whatever becomes of viperf.</summary>
    private void Write()
    {
        try
        {
            _file.Write(_record.Written);
        }
        catch (IOException problem)
        {
            throw Failure(_file.Name, problem);
        }
        finally
        {
            _record.Clear();
        }
    }
}

/// <summary>What a spool knows of a process.</summary>
/// <param name="Index">Which of the recording's captured processes it is.</param>
/// <param name="Pid">The process.</param>
/// <param name="PythonMinor">The minor version of its Python 3.</param>
/// <param name="BuildId">Of its file.</param>
/// <param name="Code">Its code.</param>
internal sealed record SpooledProcess(uint Index, int Pid, int PythonMinor, byte[] BuildId, CapturedCode Code);
