namespace Viperf.Agent.Linux;

/// <summary>
/// How far down a thread's stack may be used. With an evaluator of ours CPython 3.11 to 3.13 take C stack for calls that
/// would take none, so that a program that raised its recursion limit could overflow it where it did not before.
/// </summary>
internal static unsafe class StackLimit
{
    /// <summary>
    /// What is left for C code below the last Python call: the 1,500 nested calls that 3.12 allows it take about half; bytes.
    /// </summary>
    private const nuint Margin = 1024 * 1024;

    /// <summary>Room for glibc's and musl's <c>pthread_attr_t</c>.</summary>
    private const int AttributeBytes = 128;

    /// <summary>Finds the running thread's limit, where it is not known yet.</summary>
    /// <returns>The lowest stack pointer with which a call may begin; 0 where the stack's size is not to be had.</returns>
    public static nuint OfThisThread()
    {
        var thread = ThreadBlock.OfThisThread();
        if (thread->StackLimit == ThreadBlock.Unknown)
        {
            thread->StackLimit = Ask();
        }

        return thread->StackLimit;
    }

    private static nuint Ask()
    {
        var self = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*>)Libc.Find("pthread_self"u8);
        var get = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void*, int>)Libc.Find("pthread_getattr_np"u8);
        var getStack = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, byte**, nuint*, int>)
            Libc.Find("pthread_attr_getstack"u8);
        var destroy = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, int>)Libc.Find("pthread_attr_destroy"u8);
        if (self == null || get == null || getStack == null || destroy == null)
        {
            return 0;
        }

        byte* attributes = stackalloc byte[AttributeBytes];
        if (get(self(), attributes) != 0)
        {
            return 0;
        }

        byte* lowest = null;
        nuint size = 0;
        bool known = getStack(attributes, &lowest, &size) == 0;
        _ = destroy(attributes);
        return known ? (nuint)lowest + (size / 4 < Margin ? size / 4 : Margin) : 0;
    }
}
