namespace Viperf.Core.Export;

/// <summary>A thread that has samples.</summary>
/// <param name="Pid">Its process.</param>
/// <param name="Tid">Its number.</param>
/// <param name="Name">Its name, the last one that it had.</param>
/// <param name="Process">Its process's name: that of the first thread, or of any where that has no samples.</param>
public sealed record ExportThread(int Pid, int Tid, string Name, string Process);
