using System.Runtime.InteropServices;

namespace Viperf.Agent.Linux;

/// <summary>The kernel's <c>struct stat</c> (asm/stat.h), as far as it is looked at.</summary>
[StructLayout(LayoutKind.Explicit, Size = 144)]
internal struct FileStatus
{
    private const uint TypeMask = 0xf000;
    private const uint Regular = 0x8000;

#if ARM64
    [FieldOffset(16)]
    public uint Mode;

    [FieldOffset(20)]
    public uint Links;

    [FieldOffset(24)]
    public uint Owner;
#else
    [FieldOffset(16)]
    public ulong Links;

    [FieldOffset(24)]
    public uint Mode;

    [FieldOffset(28)]
    public uint Owner;
#endif

    /// <summary>Bytes.</summary>
    [FieldOffset(48)]
    public long Length;

    public readonly bool IsRegular => (Mode & TypeMask) == Regular;
}
