using System.Diagnostics.CodeAnalysis;
using Viperf.Formats.Bytes;
using Viperf.Formats.Dwarf;

namespace Viperf.Formats.Python;

/// <summary>Source files by the numbers that a line table knows them by: 1 for the first.</summary>
internal sealed class FileNumbers
{
    private readonly Dictionary<byte[], uint> _numbers = new(NameComparer.Instance);
    private readonly Dictionary<byte[], uint>.AlternateLookup<ReadOnlySpan<byte>> _byName;
    private readonly ByteWriter _entries = new();

    public FileNumbers() => _byName = _numbers.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>All files as a line table's header lists them.</summary>
    public ReadOnlySpan<byte> Entries => _entries.Written;

    /// <summary>The number of a file; a new one where it was not there before.</summary>
    public uint Of(ReadOnlySpan<byte> name)
    {
        if (!_byName.TryGetValue(name, out uint number))
        {
            number = (uint)_numbers.Count + 1;
            _byName[name] = number;
            LineProgramWriter.WriteFile(_entries, name);
        }

        return number;
    }

    /// <summary>Finds names by bytes that lie anywhere, so that only new ones are copied.</summary>
    private sealed class NameComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly NameComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
