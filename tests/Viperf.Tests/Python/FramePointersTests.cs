using System.Runtime.InteropServices;
using Viperf.Core.Python;
using Xunit;

namespace Viperf.Tests.Python;

public class FramePointersTests
{
    [Theory]
    [InlineData("push rbp; mov rbp, rsp; call", "55 48 89 e5 e8 00 00 00 00 5d c3", "Linked")]
    [InlineData("the other encoding of the move", "55 48 8b ec e8 00 00 00 00 5d c3", "Linked")]
    [InlineData("behind endbr64", "f3 0f 1e fa 55 48 89 e5 41 54 e8 00 00 00 00 41 5c 5d c3", "Linked")]
    [InlineData("xor eax, eax between the two", "55 31 c0 48 89 e5 ff d2 5d c3", "Linked")]
    [InlineData("behind a test that returns early", "85 ff 74 09 55 48 89 e5 ff d6 5d c3", "Linked")]
    [InlineData("behind a return", "85 ff 75 01 c3 55 48 89 e5 ff d6 5d c3", "Linked")]
    [InlineData("rbp saved and used for a value", "55 48 89 fd 53 48 83 ec 08 e8 00 00 00 00", "Missing")]
    [InlineData("rbp made to point below another register", "55 53 48 89 e5 e8 00 00 00 00", "Missing")]
    [InlineData("room made before rbp points there", "55 48 83 ec 10 48 89 e5 e8 00 00 00 00", "Missing")]
    [InlineData("a call before the frame", "e8 00 00 00 00 55 48 89 e5 e8 00 00 00 00", "Missing")]
    [InlineData("sub rsp, 8; call rcx", "48 83 ec 08 ff d1 48 83 c4 08 c3", "Missing")]
    [InlineData("a call through memory", "48 83 ec 08 ff 15 00 00 00 00", "Missing")]
    [InlineData("a frame and no call", "55 48 89 e5 8d 04 37 5d c3", "NoCall")]
    [InlineData("no frame and no call", "8d 04 37 c3", "NoCall")]
    [InlineData("a call as the last act", "ff e0", "NoCall")]
    [InlineData("bytes that are no instruction", "06 e8 00 00 00 00", "NoCall")]
    [InlineData("an instruction cut short", "55 48 89", "NoCall")]
    [InlineData("nothing", "", "NoCall")]
    public void An_x86_64_function_links_a_frame_before_its_first_call_or_does_not(string what, string code, string expected) =>
        Assert.Equal((what, expected), (what, new X64FrameReader().Read(Bytes(code)).ToString()));

    [Theory]
    [InlineData("stp x29, x30, [sp, -32]!; mov x29, sp; bl", "fd7bbea9 fd030091 00000094", "Linked")]
    [InlineData("behind paciasp", "3f2303d5 fd7bbfa9 fd030091 60003fd6", "Linked")]
    [InlineData("sub sp; stp x29, x30, [sp, 16]; add x29, sp, 16; bl", "ff8300d1 fd7b01a9 fd430091 00000094", "Linked")]
    [InlineData("an authenticated call (blraaz x8)", "fd7bbfa9 fd030091 1f093fd6", "Linked")]
    [InlineData("the pair is stored, x29 left alone", "fd7bbea9 00000094", "Missing")]
    [InlineData("x29 set, the pair not stored", "fd030091 00000094", "Missing")]
    [InlineData("only x30 is stored", "fe0f1ff8 00000094", "Missing")]
    [InlineData("the frame comes after the call", "00000094 fd7bbea9 fd030091", "Missing")]
    [InlineData("a branch as the last act", "fd7bbea9 fd030091 00000014", "NoCall")]
    [InlineData("nothing but a ret", "c0035fd6", "NoCall")]
    [InlineData("an instruction cut short", "0000", "NoCall")]
    public void An_aarch64_function_links_a_frame_before_its_first_call_or_does_not(string what, string code, string expected) =>
        Assert.Equal((what, expected), (what, Arm64FrameReader.Read(Bytes(code)).ToString()));

    [Theory]
    [InlineData(1000, 1000, FramePointerVerdict.Present)]
    [InlineData(1000, 950, FramePointerVerdict.Present)]
    [InlineData(1000, 500, FramePointerVerdict.Mixed)]
    [InlineData(1000, 21, FramePointerVerdict.Absent)]
    [InlineData(1000, 0, FramePointerVerdict.Absent)]
    [InlineData(10, 10, FramePointerVerdict.Unknown)]
    [InlineData(0, 0, FramePointerVerdict.Unknown)]
    public void The_verdict_is_what_nearly_all_functions_do(int calling, int linked, FramePointerVerdict expected) =>
        Assert.Equal(expected, new FramePointers(calling, linked).Verdict);

    [Theory]
    [MemberData(nameof(InstalledPythons.All), MemberType = typeof(InstalledPythons))]
    public void An_interpreter_on_this_machine_has_them_if_it_was_built_with_them(string path)
    {
        Assert.SkipUnless(RuntimeInformation.OSArchitecture == Architecture.X64, "other compilers keep them without being told");
        var python = PythonInterpreter.Find(path);
        Assert.SkipWhen(python.Build is null, "it does not know how it was built");

        var counted = FramePointers.Of(python.CodeFile, out string problem);

        Assert.Empty(problem);
        Assert.InRange(counted.Calling, 500, 5000);
        Assert.Equal(python.Build.SaysFramePointers ? FramePointerVerdict.Present : FramePointerVerdict.Absent, counted.Verdict);
    }

    [Fact]
    public void A_file_that_is_no_interpreter_is_not_judged()
    {
        var counted = FramePointers.Of("/bin/sh", out string problem);

        Assert.Equal(FramePointerVerdict.Unknown, counted.Verdict);
        Assert.Equal("/bin/sh exports 0 functions of Python's interface that call others, too few to judge by", problem);
        Assert.Equal(default, FramePointers.Of("/etc/passwd", out problem));
        Assert.Contains("not an ELF file", problem);
        Assert.Equal(default, FramePointers.Of("/nowhere", out problem));
        Assert.NotEmpty(problem);
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", ""));
}
