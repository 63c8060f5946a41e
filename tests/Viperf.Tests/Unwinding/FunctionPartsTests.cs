using System.Buffers.Binary;
using Viperf.Core.Unwinding;
using Viperf.Formats.Elf;
using Viperf.Tests.Dwarf;
using Xunit;

namespace Viperf.Tests.Unwinding;

public class FunctionPartsTests
{
    private const ulong Function = 0x4000, Part = 0x9000, Other = 0xa000;

    private static readonly UnwindTable s_table = new(new CfiBuilder().Common(Cfi.X64Start)
        .Function(Function, 0x100, new Cfi()).Function(Part, 0x100, new Cfi()).Function(Other, 0x100, new Cfi()).Open());

    [Fact]
    public void What_a_function_jumps_into_belongs_to_it()
    {
        byte[] code = new byte[0x100];
        Jump(code, 0x10, [0xe9], Part + 0x20);
        Jump(code, 0x30, [0x0f, 0x85], Part + 0x40);

        Assert.Equal([(Part, Part + 0x100)], Find(code));
    }

    [Fact]
    public void Functions_that_it_only_jumps_to_do_not()
    {
        byte[] code = new byte[0x100];
        Jump(code, 0x10, [0xe9], Other);
        Jump(code, 0x20, [0xe9], Other);
        Jump(code, 0x30, [0xe9], Function + 0x80);
        Jump(code, 0x40, [0xe9], 0xf000); // no function's
        Jump(code, 0x50, [0xe9], 0xf000);

        Assert.Empty(Find(code));
    }

    [Fact]
    public void One_jump_is_chance_and_half_of_one_is_none()
    {
        byte[] code = new byte[0x100];
        Jump(code, 0x10, [0xe9], Part + 0x20);
        code[^1] = 0x0f;
        Assert.Empty(Find(code));
        Assert.Empty(Find(code.AsSpan(0, 0x13)));
    }

    [Fact]
    public void Branches_of_aarch64_are_read()
    {
        byte[] code = new byte[0x100];
        foreach (int at in (int[])[0x10, 0x20])
        {
            uint distance = (uint)((long)(Part + 0x40 - Function) - at) >> 2;
            BinaryPrimitives.WriteUInt32LittleEndian(code.AsSpan(at), 0x1400_0000 | (distance & 0x03ff_ffff));
        }

        Assert.Equal([(Part, Part + 0x100)], FunctionParts.Find(ElfMachine.EM_AARCH64, code, Function, s_table));
    }

    private static List<(ulong Start, ulong End)> Find(ReadOnlySpan<byte> code) =>
        FunctionParts.Find(ElfMachine.EM_X86_64, code, Function, s_table);

    private static void Jump(Span<byte> code, int at, ReadOnlySpan<byte> operation, ulong target)
    {
        operation.CopyTo(code[at..]);
        int end = at + operation.Length + sizeof(int);
        BinaryPrimitives.WriteInt32LittleEndian(code[(end - sizeof(int))..], (int)(target - Function - (ulong)end));
    }
}
