using System.Runtime.InteropServices;
using System.Text;
using Viperf.Abi;
using Viperf.Core.Python;
using Xunit;

namespace Viperf.Tests.Python;

public class CapturedCodeTests
{
    private readonly CapturedCode _code = new();

    [Fact]
    public void Functions_lie_one_behind_the_other_and_none_where_another_was()
    {
        Assert.True(_code.TryAdd(Record(7, 20), ulong.MaxValue));
        Assert.True(_code.TryAdd(Record(8, 100), ulong.MaxValue));
        Assert.True(_code.TryFind(7, 18, out ulong last));
        Assert.True(_code.TryFind(8, 0, out ulong first));
        Assert.True(last < first);
        Assert.True(first + 100 <= _code.Length);
        Assert.NotEqual(CapturedCode.KernelOffset, _code.Functions[1].Start);
    }

    [Fact]
    public void Code_that_two_threads_met_at_once_is_one()
    {
        Assert.True(_code.TryAdd(Record(7, 20), ulong.MaxValue));
        ulong length = _code.Length;
        Assert.True(_code.TryAdd(Record(7, 20), ulong.MaxValue));
        Assert.Equal(length, _code.Length);
    }

    [Fact]
    public void Code_that_is_compiled_again_is_the_same_function()
    {
        Assert.True(_code.TryAdd(Record(7, 20), ulong.MaxValue));
        ulong length = _code.Length;
        Assert.True(_code.TryAdd(Record(7 + (1 << CaptureCode.PlaceBits), 20), ulong.MaxValue));
        Assert.True(_code.TryAdd(Record(8, 20), ulong.MaxValue));
        Assert.Equal(length, _code.Length);
        Assert.True(_code.TryFind(7 + (1 << CaptureCode.PlaceBits), 0, out ulong again));
        Assert.True(_code.TryFind(8, 0, out ulong other));
        Assert.Equal(again, other);
    }

    [Fact]
    public void Code_of_one_name_and_line_that_differs_is_another_function()
    {
        _code.TryAdd(Record(7, 20), ulong.MaxValue);
        _code.TryAdd(Record(8, 20, lines: "LINES"), ulong.MaxValue);
        _code.TryAdd(Record(9, 22), ulong.MaxValue);
        _code.TryAdd(Record(10, 20), ulong.MaxValue);
        Assert.Equal(4, _code.Functions.Count); // and what stands for the kernel
        _code.TryFind(7, 0, out ulong first);
        _code.TryFind(10, 0, out ulong again);
        Assert.Equal(first, again);
    }

    [Fact]
    public void A_number_is_forgotten_when_another_takes_its_place()
    {
        _code.TryAdd(Record(7, 20), ulong.MaxValue);
        _code.TryAdd(Record(7 + (1 << CaptureCode.PlaceBits), 20, "g"), ulong.MaxValue);
        Assert.False(_code.TryFind(7, 0, out _));
        Assert.True(_code.TryFind(7 + (1 << CaptureCode.PlaceBits), 0, out _));
    }

    [Fact]
    public void A_position_behind_the_code_is_its_start()
    {
        _code.TryAdd(Record(7, 20), ulong.MaxValue);
        _code.TryFind(7, 0, out ulong start);
        Assert.True(_code.TryFind(7, CaptureFrame.NoPosition, out ulong unknown));
        Assert.Equal(start, unknown);
    }

    [Fact]
    public void Code_without_a_file_is_the_interpreters_own()
    {
        _code.TryAdd(Record(7, 20, file: ""), ulong.MaxValue);
        Assert.False(_code.TryFind(7, 0, out _));
        Assert.False(_code.TryFind(8, 0, out _));
    }

    [Fact]
    public void Records_that_say_more_than_they_have_are_refused()
    {
        byte[] whole = Record(7, 20);
        for (int length = 0; length < whole.Length - 8; length++)
        {
            Assert.False(_code.TryAdd(whole.AsSpan(0, length), ulong.MaxValue));
        }

        var head = MemoryMarshal.Read<CaptureCode>(whole);
        head.NameBytes = uint.MaxValue;
        head.FileBytes = uint.MaxValue;
        MemoryMarshal.Write(whole, head);
        Assert.False(_code.TryAdd(whole, ulong.MaxValue));
        Assert.False(_code.TryAdd(Record(0, 20), ulong.MaxValue));
    }

    [Fact]
    public void More_code_than_there_are_addresses_is_refused()
    {
        Assert.True(_code.TryAdd(Record(7, 100), 200));
        Assert.False(_code.TryAdd(Record(8, 100, "g"), 200));
        Assert.False(_code.TryAdd(Record(9, uint.MaxValue), 200));
    }

    private static byte[] Record(uint number, uint codeBytes, string name = "f", string file = "/a.py", string lines = "lines")
    {
        byte[] text = Encoding.UTF8.GetBytes(name + file + lines);
        int head = Marshal.SizeOf<CaptureCode>();
        byte[] record = new byte[(head + text.Length + 7) & ~7];
        MemoryMarshal.Write(record, new CaptureCode
        {
            Head = new CaptureRecord { Size = (uint)record.Length, Kind = CaptureRecord.Code },
            Number = number,
            CodeBytes = codeBytes,
            FirstLine = 3,
            NameBytes = (uint)name.Length,
            FileBytes = (uint)file.Length,
            LineBytes = 5,
        });
        text.CopyTo(record, head);
        return record;
    }
}
