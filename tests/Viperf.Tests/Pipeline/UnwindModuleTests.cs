using Viperf.Core.Pipeline;
using Xunit;

namespace Viperf.Tests.Pipeline;

public class UnwindModuleTests
{
    [Fact]
    public void A_files_bytes_are_read_right_from_wherever_and_mostly_only_once()
    {
        byte[] file = new byte[200_001];
        var random = new Random(20261123);
        random.NextBytes(file);
        int reads = 0;
        using var module = new UnwindModule(null, null, Read, null);
        for (int i = 0; i < 20_000; i++)
        {
            ulong near = i < 10_000 ? 60_000UL : (ulong)file.Length;
            ulong offset = (ulong)random.NextInt64((long)near - 5000, (long)near + 5000);
            byte[] bytes = new byte[random.Next(1, 40)];
            bool fits = offset + (ulong)bytes.Length <= (ulong)file.Length;
            Assert.Equal(fits, module.TryRead(offset, bytes));
            if (fits)
            {
                Assert.Equal(file[(int)offset..((int)offset + bytes.Length)], bytes);
            }
        }

        Assert.InRange(reads, 1, 500);
        Assert.False(module.TryRead(ulong.MaxValue - 3, new byte[8]));
        Assert.False(UnwindModule.None.TryRead(0, new byte[8]));

        int Read(ulong offset, Span<byte> bytes)
        {
            reads++;
            int length = offset >= (ulong)file.Length ? 0 : Math.Min(bytes.Length, file.Length - (int)offset);
            file.AsSpan((int)Math.Min(offset, (ulong)file.Length), length).CopyTo(bytes);
            return length;
        }
    }
}
