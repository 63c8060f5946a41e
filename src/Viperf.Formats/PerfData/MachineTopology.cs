namespace Viperf.Formats.PerfData;

/// <summary>CPU_TOPOLOGY: how CPUs are grouped.</summary>
/// <param name="CoreSiblings">Lists of CPUs (<c>0-3,8</c>) that share a package.</param>
/// <param name="ThreadSiblings">Lists of CPUs that share a core.</param>
/// <param name="DieSiblings">Lists of CPUs that share a die; empty where the machine knows no dies.</param>
/// <param name="Cpus">Place of each CPU, from CPU 0; -1 for what is not known.</param>
public sealed record CpuTopology(
    IReadOnlyList<string> CoreSiblings,
    IReadOnlyList<string> ThreadSiblings,
    IReadOnlyList<string> DieSiblings,
    IReadOnlyList<CpuPlace> Cpus);

/// <summary>Where a CPU sits.</summary>
/// <param name="Core">Number of its core.</param>
/// <param name="Die">Number of its die; 0 where the machine knows no dies.</param>
/// <param name="Socket">Number of its package.</param>
public readonly record struct CpuPlace(int Core, int Die, int Socket);

/// <summary>One row of NUMA_TOPOLOGY.</summary>
/// <param name="Node">Number of the node.</param>
/// <param name="TotalMemory">KiB.</param>
/// <param name="FreeMemory">KiB.</param>
/// <param name="Cpus">List of its CPUs, as <c>0-3,8</c>.</param>
public sealed record NumaNode(uint Node, ulong TotalMemory, ulong FreeMemory, string Cpus);

/// <summary>One row of CACHE, from <c>/sys/devices/system/cpu/cpuN/cache</c>.</summary>
/// <param name="Level">1 for the nearest.</param>
/// <param name="LineSize">Bytes.</param>
/// <param name="Sets">Sets.</param>
/// <param name="Ways">Ways of associativity.</param>
/// <param name="Type"><c>Data</c>, <c>Instruction</c> or <c>Unified</c>.</param>
/// <param name="Size">Such as <c>32K</c>.</param>
/// <param name="Cpus">List of the CPUs that share it.</param>
public sealed record CpuCache(uint Level, uint LineSize, uint Sets, uint Ways, string Type, string Size, string Cpus);

/// <summary>MEM_TOPOLOGY: which memory blocks belong to which node.</summary>
/// <param name="BlockBytes">Bytes of a block.</param>
/// <param name="Nodes">One a NUMA node.</param>
public sealed record MemoryTopology(ulong BlockBytes, IReadOnlyList<MemoryNode> Nodes);

/// <summary>A node's memory.</summary>
/// <param name="Node">Number of the node.</param>
/// <param name="BlockCount">How many blocks the bitmap has.</param>
/// <param name="Blocks">Bitmap of the node's blocks, lowest first.</param>
public sealed record MemoryNode(ulong Node, ulong BlockCount, IReadOnlyList<ulong> Blocks);
