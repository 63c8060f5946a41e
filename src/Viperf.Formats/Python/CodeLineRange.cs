namespace Viperf.Formats.Python;

/// <summary>A stretch of a code object's bytecode that belongs to one line.</summary>
/// <param name="Start">Of its first instruction, in bytes of <c>co_code</c>.</param>
/// <param name="End">The first byte behind it; above <paramref name="Start"/>.</param>
/// <param name="Line">The line in the source file; 0 for instructions that no line stands for.</param>
public readonly record struct CodeLineRange(uint Start, uint End, uint Line);
