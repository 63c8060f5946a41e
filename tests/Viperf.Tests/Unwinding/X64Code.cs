using Viperf.Core.Unwinding;
using Viperf.Tests.Dwarf;

namespace Viperf.Tests.Unwinding;

/// <summary>A few functions of x86-64 and a stack of them, whose frames are known.</summary>
internal static class X64Code
{
    public const ulong
        Leaf = 0x4000, // CFA = rsp + 8
        Saves = 0x4100, // CFA = rsp + 32, rbp at CFA - 16, rbx at CFA - 24
        Framed = 0x4200, // CFA = rbp + 16, rbp at CFA - 16
        Start = 0x4300, // no caller
        End = 0x4400;

    public const ulong Stack = 0x7ffe_0000_1000;

    /// <summary>Saved registers that make rows too large for rules, as no compiler has them: r8 is not preserved.</summary>
    public static Cfi ForRows => new Cfi().Offset(8, 4);

    /// <summary>The functions, and others behind them.</summary>
    /// <param name="byRows">True for functions whose frames need whole rows.</param>
    /// <param name="more">Adds functions.</param>
    public static UnwindTable Table(bool byRows = false, Action<CfiBuilder>? more = null)
    {
        var builder = new CfiBuilder().Common(byRows ? Cfi.X64Start.Raw(ForRows.ToArray()) : Cfi.X64Start)
            .Function(Leaf, 0x100, new Cfi())
            .Function(Saves, 0x100, new Cfi().DefCfaOffset(32).Offset(6, 2).Offset(3, 3))
            .Function(Framed, 0x100, new Cfi().DefCfa(6, 16).Offset(6, 2))
            .Function(Start, 0x100, new Cfi().Op(0x07, 16));
        more?.Invoke(builder);
        return new UnwindTable(builder.Open());
    }

    public static FakeCode Code(bool byRows = false, Action<CfiBuilder>? more = null) =>
        new FakeCode().Region(Leaf, End, Table(byRows, more));

    /// <summary>A stack with a frame of every function, the leaf's at its first instruction.</summary>
    public static Snapshot Frames()
    {
        var snapshot = Snapshot.X64(Leaf, Stack).Register(Snapshot.Rbp, 1);
        snapshot.Words(Saves + 0x10);
        ulong frame = snapshot.Top + (7 * 8);
        return WithStart(snapshot.Words(0xdead, 0xb, frame, Framed + 0x10, 0xdead, 0xdead, 0xdead));
    }

    /// <summary>The frame of <see cref="Framed"/> behind its room, called by <see cref="Start"/>.</summary>
    public static Snapshot WithStart(Snapshot snapshot) => snapshot.Words(0, Start + 0x10);

    public static readonly ulong[] FramesFound = [Leaf, Saves + 0x10, Framed + 0x10, Start + 0x10];
}
