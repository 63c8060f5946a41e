using Viperf.Core.Unwinding;

namespace Viperf.Tests.Unwinding;

/// <summary>An address space that a test lays out.</summary>
internal sealed class FakeCode : ICodeSpace
{
    private readonly List<(ulong Start, ulong End, CodeRegion Region)> _regions = [];
    private readonly List<(ulong Start, byte[] Bytes)> _code = [];

    public uint Generation { get; set; } = 1;

    /// <summary>Calls of <see cref="TryFind"/>.</summary>
    public int Lookups { get; private set; }

    public FakeCode Region(ulong start, ulong end, UnwindTable? table, bool isLasting = true) =>
        Region(start, end, new CodeRegion(table, 0, IsLasting: isLasting));

    public FakeCode Region(ulong start, ulong end, CodeRegion region)
    {
        _regions.Add((start, end, region));
        return this;
    }

    /// <summary>Machine code that can be read, and nothing around it.</summary>
    public FakeCode Code(ulong start, params byte[] bytes)
    {
        _code.Add((start, bytes));
        return this;
    }

    public bool TryFind(ulong address, out CodeRegion region)
    {
        Lookups++;
        foreach (var (start, end, found) in _regions)
        {
            if (address >= start && address < end)
            {
                region = found;
                return true;
            }
        }

        region = default;
        return false;
    }

    public bool TryReadCode(ulong address, Span<byte> code)
    {
        foreach (var (start, bytes) in _code)
        {
            if (address >= start && address - start + (ulong)code.Length <= (ulong)bytes.Length)
            {
                bytes.AsSpan((int)(address - start), code.Length).CopyTo(code);
                return true;
            }
        }

        return false;
    }
}
