namespace Viperf.Agent.Linux;

/// <summary>Where the running thread's stack lies. Not for signal handlers: the C library may allocate memory or read a file for it.</summary>
internal static unsafe class ThreadStack
{
    /// <summary>Room for glibc's and musl's <c>pthread_attr_t</c>.</summary>
    private const int AttributeBytes = 128;

    /// <summary>Asks the C library.</summary>
    /// <param name="lowest">The lowest byte.</param>
    /// <param name="end">The byte behind the highest.</param>
    public static bool TryFind(out nuint lowest, out nuint end)
    {
        lowest = 0;
        end = 0;
        var self = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*>)Libc.Find("pthread_self"u8);
        var get = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void*, int>)Libc.Find("pthread_getattr_np"u8);
        var getStack = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, byte**, nuint*, int>)
            Libc.Find("pthread_attr_getstack"u8);
        var destroy = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, int>)Libc.Find("pthread_attr_destroy"u8);
        if (self == null || get == null || getStack == null || destroy == null)
        {
            return false;
        }

        byte* attributes = stackalloc byte[AttributeBytes];
        if (get(self(), attributes) != 0)
        {
            return false;
        }

        byte* first = null;
        nuint size = 0;
        bool known = getStack(attributes, &first, &size) == 0;
        _ = destroy(attributes);
        lowest = (nuint)first;
        end = lowest + size;
        return known;
    }
}
