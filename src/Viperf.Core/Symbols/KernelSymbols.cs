using System.Buffers.Text;
using System.Text;
using Viperf.Core.Profiles;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;

namespace Viperf.Core.Symbols;

/// <summary>
/// The running kernel's functions and its modules', by virtual address, from <c>/proc/kallsyms</c>. They name the
/// recording's addresses only if it was made under this very kernel.
/// </summary>
internal static class KernelSymbols
{
    private const string ListPath = "/proc/kallsyms";
    private const string NotesPath = "/sys/kernel/notes";
    private const string ReleasePath = "/proc/sys/kernel/osrelease";

    /// <summary>First size of the buffer; the list of a usual kernel is 5 to 12 MB long and its file tells no length.</summary>
    private const int FirstBufferBytes = 8 << 20;

    /// <summary>The kernel lies in the upper half of what 64 bits address.</summary>
    private const ulong FirstKernelAddress = 1UL << 63;

    /// <summary>Bytes of a line on average, to guess the number of symbols.</summary>
    private const int TypicalLineBytes = 44;

    /// <summary>Reads the running kernel's symbols, or says why there are none.</summary>
    /// <param name="warn">Takes the reason.</param>
    public static KernelList Load(Action<string> warn) => Load(ListPath, warn);

    /// <summary>Reads a list of a kernel's symbols, or says why there are none.</summary>
    /// <param name="path">The list.</param>
    /// <param name="warn">Takes the reason.</param>
    public static KernelList Load(string path, Action<string> warn)
    {
        try
        {
            var text = ReadWhole(path);
            var table = Parse(text, out bool addressesHidden);
            if (addressesHidden)
            {
                warn($"kernel functions stay without names: {path} hides the addresses from this user; "
                    + "run as root, or set kernel.kptr_restrict and kernel.perf_event_paranoid lower");
                return new KernelList(SymbolTable.Empty(UnnamedReason.KernelHidden), default);
            }

            return new KernelList(table, text);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            warn($"kernel functions stay without names: {path}: no such file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ParseException)
        {
            warn($"kernel functions stay without names: {path}: {e.Message}");
        }

        return new KernelList(SymbolTable.Empty(UnnamedReason.NoKernelSymbols), default);
    }

    /// <summary>Whether the recording was made under the kernel that runs now, as far as it says.</summary>
    /// <param name="buildId">The recorded kernel's build-id, or an empty text.</param>
    /// <param name="options">What else the recording says.</param>
    /// <param name="warn">Takes why the kernel's functions have no names.</param>
    public static bool IsRecorded(string buildId, SymbolizerOptions options, Action<string> warn)
    {
        try
        {
            bool isRecorded = IsRecordedKernel(buildId, options.KernelRelease, out string difference);
            if (!isRecorded)
            {
                warn($"kernel functions stay without names: {difference}");
            }

            return isRecorded;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            warn($"kernel functions stay without names: {e.Message}");
            return false;
        }
    }

    /// <summary>Parses the list's text: lines of <c>ADDRESS TYPE NAME[\t[MODULE]]</c>.</summary>
    /// <param name="text">The list; a last line without its end does not count.</param>
    /// <param name="addressesHidden">True if every address is zero, as users without the right are shown them.</param>
    /// <param name="moved">
    /// How far the recorded kernel lay above the list's, modulo 2^64. Modules do not move with the kernel: of a list of another
    /// start they are left out.
    /// </param>
    internal static SymbolTable Parse(ReadOnlyMemory<byte> text, out bool addressesHidden, ulong moved = 0)
    {
        var bytes = text.Span;
        var builder = new SymbolTableBuilder(bytes.Length / TypicalLineBytes);
        byte number = builder.AddText(text);
        Groups groups = new();
        ulong any = 0;
        int lines = 0;
        for (int at = 0; at < bytes.Length;)
        {
            int length = bytes[at..].IndexOf((byte)'\n');
            if (length < 0)
            {
                break;
            }

            var line = bytes.Slice(at, length);
            if (TryReadLine(line, out ulong address, out char type, out int nameStart))
            {
                any |= address;
                lines++;
                if (char.ToUpperInvariant(type) is 'T' or 'W' or 'D' or 'B')
                {
                    var name = line[nameStart..];
                    ushort group = groups.Split(ref name);
                    if (moved != 0 && group != 0)
                    {
                        at += length + 1;
                        continue;
                    }

                    ulong start = address >= FirstKernelAddress ? address + moved : address; // what is no address moves nowhere
                    builder.Add(new Symbol
                    {
                        Start = start,
                        End = start,
                        NameOffset = at + nameStart,
                        NameLength = name.Length,
                        Group = group,
                        Text = number,
                        Type = (type | 0x20) is 't' or 'w' ? ElfSymbolType.STT_FUNC : ElfSymbolType.STT_OBJECT,
                        Binding = type == 'W' ? ElfSymbolBinding.STB_WEAK
                            : char.IsAsciiLetterUpper(type) ? ElfSymbolBinding.STB_GLOBAL : ElfSymbolBinding.STB_LOCAL,
                    });
                }
            }

            at += length + 1;
        }

        addressesHidden = any == 0 && lines != 0;
        return addressesHidden ? SymbolTable.Empty(UnnamedReason.KernelHidden) : builder.Build();
    }

    /// <summary>The first address at which a list has a symbol of the kernel; null if it has none of the name.</summary>
    internal static ulong? AddressOf(ReadOnlySpan<byte> text, string symbol)
    {
        byte[] end = Encoding.UTF8.GetBytes($" {symbol}\n");
        for (int from = 0; text[from..].IndexOf(end) is >= 0 and int found;)
        {
            int lineStart = text[..(from + found)].LastIndexOf((byte)'\n') + 1;
            if (TryReadLine(text[lineStart..(from + found + end.Length - 1)], out ulong address, out _, out int nameStart)
                && lineStart + nameStart == from + found + 1)
            {
                return address;
            }

            from += found + end.Length;
        }

        return null;
    }

    private static bool TryReadLine(ReadOnlySpan<byte> line, out ulong address, out char type, out int nameStart)
    {
        // "ffffffff81000000 T _stext": the address has as many digits as the kernel's words.
        if (Utf8Parser.TryParse(line, out address, out int digits, 'x') && line.Length > digits + 3
            && line[digits] == ' ' && line[digits + 2] == ' ')
        {
            type = (char)line[digits + 1];
            nameStart = digits + 3;
            return true;
        }

        type = '\0';
        nameStart = 0;
        return false;
    }

    private static bool IsRecordedKernel(string buildId, string? release, out string difference)
    {
        difference = "";
        if (buildId.Length != 0 && File.Exists(NotesPath))
        {
            string running = ElfNotes.BuildIdOf(File.ReadAllBytes(NotesPath));
            if (running.Length != 0)
            {
                difference = $"the recording's kernel has build-id {buildId}, the running one {running}";
                return running == buildId;
            }
        }

        if (release is not null)
        {
            string running = File.ReadAllText(ReleasePath).TrimEnd();
            difference = $"recorded under Linux {release}, this is Linux {running}";
            return running == release;
        }

        return true;
    }

    /// <summary>Reads a file of /proc, whose length nobody knows before its end.</summary>
    private static ReadOnlyMemory<byte> ReadWhole(string path)
    {
        using var handle = File.OpenHandle(path);
        var buffer = GC.AllocateUninitializedArray<byte>(FirstBufferBytes);
        int length = 0;
        while (true)
        {
            int got = RandomAccess.Read(handle, buffer.AsSpan(length), length);
            if (got == 0)
            {
                return buffer.AsMemory(0, length);
            }

            length += got;
            if (length == buffer.Length)
            {
                if (length >= Limits.TextFileBytes)
                {
                    throw new ParseException($"more than {Limits.TextFileBytes} bytes", path, (ulong)length);
                }

                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }

    /// <summary>Numbers the kernel's modules; 0 is the kernel itself.</summary>
    private sealed class Groups
    {
        private readonly Dictionary<string, ushort> _numbers = [];

        /// <summary>The module of the line before this one, which is mostly this one's too, and its number.</summary>
        private byte[] _last = [];
        private ushort _lastNumber;

        /// <summary>Cuts <c>\t[MODULE]</c> off a name and returns the module's number.</summary>
        public ushort Split(ref ReadOnlySpan<byte> name)
        {
            if (name.IsEmpty || name[^1] != ']' || name.LastIndexOf("\t["u8) is not (>= 0 and int tab))
            {
                return 0;
            }

            var module = name[(tab + 1)..];
            name = name[..tab];
            if (!module.SequenceEqual(_last))
            {
                _last = module.ToArray();
                string text = ByteReader.Text(module);
                if (!_numbers.TryGetValue(text, out _lastNumber))
                {
                    _lastNumber = (ushort)Math.Min(_numbers.Count + 1, ushort.MaxValue);
                    _numbers.Add(text, _lastNumber);
                }
            }

            return _lastNumber;
        }
    }
}
