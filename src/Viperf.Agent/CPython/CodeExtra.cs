namespace Viperf.Agent.CPython;

/// <summary>
/// The slots of a code object (<c>_PyCodeObjectExtra</c>, code.h): their number, then their values. Each belongs to who
/// asked for its index.
/// </summary>
internal static unsafe class CodeExtra
{
    /// <summary>Puts a value into a slot; false where there is no memory.</summary>
    /// <remarks>
    /// CPython makes room for all indexes at once, and when code dies asks everybody about their slots, empty ones too. So
    /// code that has none yet gets slots up to ours alone: nobody is to be asked about what it never gave. Indexes are given
    /// in order, and the agent's are among the first.
    /// </remarks>
    public static bool TrySet(byte* code, in Layout layout, nint index, void* value)
    {
        nint** slots = (nint**)(code + layout.CodeExtra);
        if (*slots != null)
        {
            if (PythonApi.SetCodeExtra(code, index, value) == 0)
            {
                return true;
            }

            PythonApi.ForgetError();
            return false;
        }

        nint* made = (nint*)PythonApi.Allocate((nuint)((index + 2) * sizeof(nint)));
        if (made == null)
        {
            return false;
        }

        made[0] = index + 1;
        for (nint i = 0; i < index; i++)
        {
            made[1 + i] = 0;
        }

        made[1 + index] = (nint)value;
        *slots = made;
        return true;
    }
}
