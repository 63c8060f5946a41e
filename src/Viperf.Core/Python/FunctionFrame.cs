namespace Viperf.Core.Python;

/// <summary>What a function's machine code does with the frame pointer before it calls another.</summary>
internal enum FunctionFrame
{
    /// <summary>It calls none, as far as it was read: nobody unwinds through it.</summary>
    NoCall,

    /// <summary>It links a frame: whoever follows frame pointers finds its caller.</summary>
    Linked,

    /// <summary>It calls without having linked a frame: its caller is not found, or a wrong one.</summary>
    Missing,
}
