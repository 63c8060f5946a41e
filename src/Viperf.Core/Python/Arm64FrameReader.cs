using System.Buffers.Binary;

namespace Viperf.Core.Python;

/// <summary>
/// Reads aarch64 functions up to their first call. A frame is linked by storing x29 and x30 beside each other
/// (<c>stp x29, x30, [sp, …]</c>) and pointing x29 there (<c>mov x29, sp</c> or <c>add x29, sp, …</c>); compilers that
/// omit frame pointers still store the pair, but leave x29 alone.
/// </summary>
internal static class Arm64FrameReader
{
    // Instructions as Arm's architecture manual encodes them, and the bits that are not operands to be ignored.
    private const uint StorePairMask = 0xfe407fff; // any addressing and offset from sp; x29 and x30
    private const uint StorePair = 0xa8007bfd;
    private const uint AddToFrameMask = 0xffc003ff; // any immediate; mov x29, sp is add x29, sp, #0
    private const uint AddToFrame = 0x910003fd;
    private const uint CallMask = 0xfc000000;
    private const uint Call = 0x94000000; // bl
    private const uint RegisterCallMask = 0xfefff000; // any register; with pointer authentication or without
    private const uint RegisterCall = 0xd63f0000; // blr

    /// <summary>Reads one function.</summary>
    /// <param name="code">Its machine code, or the first part of it.</param>
    public static FunctionFrame Read(ReadOnlySpan<byte> code)
    {
        bool stored = false;
        bool linked = false;
        for (; code.Length >= sizeof(uint); code = code[sizeof(uint)..])
        {
            uint instruction = BinaryPrimitives.ReadUInt32LittleEndian(code);
            if ((instruction & CallMask) == Call || (instruction & RegisterCallMask) == RegisterCall)
            {
                return linked ? FunctionFrame.Linked : FunctionFrame.Missing;
            }

            stored |= (instruction & StorePairMask) == StorePair;
            linked |= stored && (instruction & AddToFrameMask) == AddToFrame;
        }

        return FunctionFrame.NoCall;
    }
}
