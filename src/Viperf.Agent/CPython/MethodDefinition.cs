namespace Viperf.Agent.CPython;

/// <summary><c>PyMethodDef</c> (methodobject.h): a function that Python calls.</summary>
internal unsafe struct MethodDefinition
{
    public const int METH_VARARGS = 1;
    public const int METH_KEYWORDS = 2;
    public const int METH_NOARGS = 4;
    public const int METH_O = 8;

    public byte* Name;

    /// <summary>A function with the arguments that <see cref="Flags"/> says.</summary>
    public void* Function;

    public int Flags;

    public byte* Documentation;
}
