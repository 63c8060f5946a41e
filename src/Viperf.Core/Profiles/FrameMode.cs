namespace Viperf.Core.Profiles;

/// <summary>In which mode the processor ran a frame's code: perf's <c>[k]</c>, <c>[.]</c> and so on.</summary>
public enum FrameMode : byte
{
    /// <summary>Not known.</summary>
    Unknown,

    /// <summary>Kernel code: <c>[k]</c>.</summary>
    Kernel,

    /// <summary>A program's code: <c>[.]</c>.</summary>
    User,

    /// <summary>The hypervisor's: <c>[H]</c>.</summary>
    Hypervisor,

    /// <summary>A guest's kernel: <c>[g]</c>.</summary>
    GuestKernel,

    /// <summary>A guest's program: <c>[u]</c>.</summary>
    GuestUser,
}
