using Viperf.Agent.CPython;

namespace Viperf.Agent.Trampolines;

/// <summary>Checks on a code object of its own that slots lie where the generated evaluator will look for them.</summary>
internal static unsafe class CodeExtraProbe
{
    /// <summary>What the probe's slot holds: no trampoline.</summary>
    public static void* Mark => (void*)8;

    /// <summary>Tries a slot out.</summary>
    public static bool IsAtHome(in Layout layout, nint index)
    {
        byte* code = (byte*)PythonApi.NewEmptyCode("viperf"u8.Pointer, "probe"u8.Pointer, 1);
        if (code == null)
        {
            PythonApi.ForgetError();
            return false;
        }

        bool isAtHome = false;
        if (PythonApi.IsCode(code) && *(void**)(code + layout.CodeExtra) == null)
        {
            if (PythonApi.SetCodeExtra(code, index, Mark) != 0)
            {
                PythonApi.ForgetError();
            }
            else
            {
                nint* extra = *(nint**)(code + layout.CodeExtra);
                isAtHome = extra != null && extra[0] > index && (void*)extra[1 + index] == Mark;
            }
        }

        PythonApi.Release(code);
        return isAtHome;
    }
}
