using System.Runtime.InteropServices;
using Viperf.Formats.Elf;

namespace Viperf.Core.Pipeline;

/// <summary>Processors by their names.</summary>
internal static class Machines
{
    /// <summary>
    /// The processor by the name that uname(2) has for it; this machine's where there is none, and 0 for those that viperf
    /// does not know.
    /// </summary>
    public static ElfMachine OfArchitecture(string? name) => name switch
    {
        "x86_64" => ElfMachine.EM_X86_64,
        "aarch64" => ElfMachine.EM_AARCH64,
        null => RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => ElfMachine.EM_X86_64,
            Architecture.Arm64 => ElfMachine.EM_AARCH64,
            _ => 0,
        },
        _ => 0,
    };
}
