using System.Text;
using Viperf.Formats.Bytes;
using Viperf.Formats.Dwarf;

namespace Viperf.Formats.PerfData;

/// <summary>What code lay in, as the recording tells modules apart.</summary>
/// <param name="Kind">viperf's number for its kind.</param>
/// <param name="Path">Its path, or what stands for it.</param>
/// <param name="BuildId">Lower-case hexadecimal digits; empty for none.</param>
/// <param name="Inode">0 for none.</param>
/// <param name="Pid">The process, for what belongs to one.</param>
public sealed record EmbeddedModule(byte Kind, string Path, string BuildId, ulong Inode, int Pid);

/// <summary>What is known of one address of a recording.</summary>
/// <param name="Module">Index in <see cref="EmbeddedNames.Modules"/>.</param>
/// <param name="Address">In the module's own terms.</param>
/// <param name="IsReturnAddress">True if it is one, whose names are looked up a byte before it.</param>
/// <param name="IsStart">True if programs or threads begin there.</param>
/// <param name="Name">The function's name; empty where nothing names it.</param>
/// <param name="Start">The function's first address, in the module's own terms.</param>
/// <param name="Sources">The functions there, inlined ones included, and their lines, the innermost first; may be empty.</param>
public sealed record EmbeddedPlace(
    int Module,
    ulong Address,
    bool IsReturnAddress,
    bool IsStart,
    string Name,
    ulong Start,
    IReadOnlyList<SourceFrame> Sources);

/// <summary>A file that a recording needs, whole or as far as it needs it.</summary>
/// <param name="Path">Where it lay, as its process saw it.</param>
/// <param name="Pid">Its process.</param>
/// <param name="Content">Its bytes.</param>
public sealed record EmbeddedFile(string Path, int Pid, ReadOnlyMemory<byte> Content);

/// <summary>
/// The names that a recording needs to be read where the files are not that its code lay in: viperf's own header feature
/// <see cref="HeaderFeature.VIPERF_NAMES"/>, which other readers skip. This is its text before it is compressed.
/// </summary>
public sealed class EmbeddedNames
{
    private const uint Version = 2;
    private const byte ReturnAddressFlag = 1;
    private const byte StartFlag = 2;

    /// <summary>Bytes that an entry of each table has at least.</summary>
    private const int LeastModuleBytes = 15;
    private const int LeastPlaceBytes = 20;
    private const int LeastSourceBytes = 4;
    private const int LeastFileBytes = 6;

    /// <summary>What code lay in.</summary>
    public List<EmbeddedModule> Modules { get; } = [];

    /// <summary>What is known of addresses.</summary>
    public List<EmbeddedPlace> Places { get; } = [];

    /// <summary>Jitdumps, with the code that samples met.</summary>
    public List<EmbeddedFile> Files { get; } = [];

    /// <summary>Writes the names.</summary>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var texts = new Dictionary<string, int>(StringComparer.Ordinal);
        var tables = new ByteWriter();
        tables.WriteULeb128((ulong)Modules.Count);
        foreach (var module in Modules)
        {
            tables.WriteByte(module.Kind);
            WriteText(module.Path);
            WriteText(module.BuildId);
            tables.WriteUInt64(module.Inode);
            tables.WriteInt32(module.Pid);
        }

        tables.WriteULeb128((ulong)Places.Count);
        foreach (var place in Places)
        {
            tables.WriteULeb128((ulong)place.Module);
            tables.WriteUInt64(place.Address);
            tables.WriteByte((byte)((place.IsReturnAddress ? ReturnAddressFlag : 0) | (place.IsStart ? StartFlag : 0)));
            WriteText(place.Name);
            tables.WriteUInt64(place.Start);
            tables.WriteULeb128((ulong)place.Sources.Count);
            foreach (var source in place.Sources)
            {
                WriteText(source.Function);
                WriteText(source.File);
                tables.WriteULeb128(source.Line);
                tables.WriteULeb128(source.FirstLine);
            }
        }

        tables.WriteULeb128((ulong)Files.Count);
        foreach (var file in Files)
        {
            WriteText(file.Path);
            tables.WriteInt32(file.Pid);
            tables.WriteULeb128((ulong)file.Content.Length);
            tables.WriteBytes(file.Content.Span);
        }

        writer.WriteUInt32(Version);
        writer.WriteULeb128((ulong)texts.Count);
        foreach (string text in texts.Keys)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            writer.WriteULeb128((ulong)bytes.Length);
            writer.WriteBytes(bytes);
        }

        writer.WriteBytes(tables.Written);

        void WriteText(string text)
        {
            if (!texts.TryGetValue(text, out int index))
            {
                index = texts.Count;
                texts.Add(text, index);
            }

            tables.WriteULeb128((ulong)index);
        }
    }

    /// <summary>Reads names.</summary>
    /// <param name="bytes">What <see cref="Write"/> wrote.</param>
    /// <param name="source">What messages call the recording.</param>
    /// <exception cref="ParseException">The bytes are cut short, not consistent, or of another version.</exception>
    public static EmbeddedNames Read(ReadOnlyMemory<byte> bytes, string source)
    {
        var names = new EmbeddedNames();
        var reader = new ByteReader(bytes.Span, $"{source}: embedded names");
        uint version = reader.ReadUInt32();
        if (version != Version)
        {
            reader.Fail($"of version {version}, which another viperf wrote");
        }

        var texts = new string[Count(ref reader, leastBytes: 1)];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = ByteReader.Text(reader.ReadBytes(Count(ref reader, leastBytes: 1)));
        }

        for (int left = Count(ref reader, LeastModuleBytes); left > 0; left--)
        {
            byte kind = reader.ReadByte();
            string path = ReadText(ref reader, texts);
            names.Modules.Add(new EmbeddedModule(kind, path, ReadText(ref reader, texts), reader.ReadUInt64(), reader.ReadInt32()));
        }

        for (int left = Count(ref reader, LeastPlaceBytes); left > 0; left--)
        {
            names.Places.Add(ReadPlace(ref reader, texts, names.Modules.Count));
        }

        for (int left = Count(ref reader, LeastFileBytes); left > 0; left--)
        {
            string path = ReadText(ref reader, texts);
            int pid = reader.ReadInt32();
            int length = Count(ref reader, leastBytes: 1);
            names.Files.Add(new EmbeddedFile(path, pid, bytes.Slice(reader.Position, length)));
            reader.Skip(length);
        }

        return names;
    }

    private static EmbeddedPlace ReadPlace(ref ByteReader reader, string[] texts, int modules)
    {
        ulong module = reader.ReadULeb128();
        if (module >= (ulong)modules)
        {
            reader.Fail($"module {module} of {modules} named");
        }

        ulong address = reader.ReadUInt64();
        byte flags = reader.ReadByte();
        string name = ReadText(ref reader, texts);
        ulong start = reader.ReadUInt64();
        int count = Count(ref reader, LeastSourceBytes);
        if (count > Limits.FunctionsAtPlace)
        {
            reader.Fail($"{count} functions at one address, more than the limit of {Limits.FunctionsAtPlace}");
        }

        var sources = new SourceFrame[count];
        for (int i = 0; i < sources.Length; i++)
        {
            string function = ReadText(ref reader, texts);
            string file = ReadText(ref reader, texts);
            sources[i] = new SourceFrame(function, file, ReadLine(ref reader))
            {
                FirstLine = ReadLine(ref reader),
            };
        }

        return new EmbeddedPlace(
            (int)module, address, (flags & ReturnAddressFlag) != 0, (flags & StartFlag) != 0, name, start, sources);
    }

    private static uint ReadLine(ref ByteReader reader) => (uint)Math.Min(reader.ReadULeb128(), int.MaxValue);

    private static string ReadText(ref ByteReader reader, string[] texts)
    {
        ulong index = reader.ReadULeb128();
        if (index >= (ulong)texts.Length)
        {
            reader.Fail($"text {index} of {texts.Length} named");
        }

        return texts[index];
    }

    /// <summary>A count of entries that the bytes suffice for.</summary>
    private static int Count(ref ByteReader reader, int leastBytes)
    {
        ulong count = reader.ReadULeb128();
        if (count > (ulong)(reader.Remaining / leastBytes))
        {
            reader.Fail($"{count} entries announced in {reader.Remaining} bytes");
        }

        return (int)count;
    }
}
