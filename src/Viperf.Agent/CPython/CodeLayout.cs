using Viperf.Abi;

namespace Viperf.Agent.CPython;

/// <summary>
/// Where this interpreter's code objects keep what describes them. It is not looked up in a table but in an object that was
/// made for it: what is where a function of CPython says it is.
/// </summary>
internal unsafe struct CodeLayout
{
    /// <summary>The line of the object that is looked at; a number that lies nowhere else in it.</summary>
    private const int MarkedLine = 0x5a17_0b3d;

    /// <summary>The largest code object's head of any version is 208 bytes.</summary>
    private const int SearchedBytes = 216;

    private const int FirstSearched = 16; // behind the reference count and the type

    /// <summary>From a type to the bytes of its objects (<c>tp_basicsize</c>).</summary>
    private const int BasicSize = 32;

    /// <summary>The file's name; bytes from the object's start, as all the others.</summary>
    public int FileName;

    /// <summary>The qualified name, or before 3.11 the name.</summary>
    public int Name;

    public int FirstLine;

    /// <summary>The table of lines.</summary>
    public int Lines;

    /// <summary>The instructions: in the object itself, or where <see cref="HasCodeObject"/> the object that has them.</summary>
    public int Instructions;

    /// <summary>True if the instructions are a bytes object: before 3.11.</summary>
    public bool HasCodeObject;

    /// <summary>Bytes of an object that are looked at.</summary>
    public int Bytes;

    /// <summary>Looks; the interpreter's lock must be held.</summary>
    /// <param name="minor">The version.</param>
    /// <param name="layout">What was found.</param>
    /// <returns>False if something was not found.</returns>
    public static bool TryFind(int minor, out CodeLayout layout)
    {
        layout = default;
        byte* code = (byte*)PythonApi.NewEmptyCode("viperf-file"u8.Pointer, "viperf_name"u8.Pointer, MarkedLine);
        if (code == null)
        {
            PythonApi.ForgetError();
            return false;
        }

        layout.HasCodeObject = minor < 11;
        layout.FileName = Find(code, "co_filename"u8, wantsLast: true);
        layout.Name = Find(code, minor < 11 ? "co_name"u8 : "co_qualname"u8, wantsLast: true);
        layout.Lines = Find(code, minor < 10 ? "co_lnotab"u8 : "co_linetable"u8, wantsLast: true);
        layout.FirstLine = FindLine(code);
        layout.Instructions = layout.HasCodeObject
            ? Find(code, "co_code"u8, wantsLast: false)
            : (int)*(nint*)((byte*)PythonApi.CodeType + BasicSize);
        layout.Bytes = SearchedBytes;
        bool isFound = layout.FileName != 0 && layout.Name != 0 && layout.Lines != 0 && layout.FirstLine != 0
            && layout.Instructions is > FirstSearched and <= SearchedBytes;
        if (isFound && !layout.HasCodeObject)
        {
            layout.Bytes = layout.Instructions;
        }

        PythonApi.Release(code);
        return isFound;
    }

    /// <summary>Tells the recorder.</summary>
    public readonly void Describe(ref CaptureLayout to)
    {
        to.CodeType = (ulong)PythonApi.CodeType;
        to.CodeName = Name;
        to.CodeFile = FileName;
        to.CodeFirstLine = FirstLine;
        to.CodeLines = Lines;
        to.CodeInstructions = Instructions;
        to.HasCodeObject = HasCodeObject ? 1 : 0;
        to.CodeBytes = Bytes;
    }

    /// <summary>
    /// Where the object has a pointer to an attribute of its own; 0 if it has none. An object made for nothing shares what is
    /// empty or equal: a qualified name lies behind the name, a table of lines behind instructions and exceptions.
    /// </summary>
    private static int Find(byte* code, ReadOnlySpan<byte> attribute, bool wantsLast)
    {
        void* value = PythonApi.GetAttribute(code, attribute.Pointer);
        if (value == null)
        {
            PythonApi.ForgetError();
            return 0;
        }

        int found = 0;
        nint end = *(nint*)((byte*)PythonApi.CodeType + BasicSize);
        for (int offset = FirstSearched; offset + sizeof(void*) <= end && offset < SearchedBytes; offset += sizeof(void*))
        {
            if (*(void**)(code + offset) == value && (found == 0 || wantsLast))
            {
                found = offset;
            }
        }

        PythonApi.Release(value);
        return found;
    }

    private static int FindLine(byte* code)
    {
        nint end = *(nint*)((byte*)PythonApi.CodeType + BasicSize);
        for (int offset = FirstSearched; offset + sizeof(int) <= end && offset < SearchedBytes; offset += sizeof(int))
        {
            if (*(int*)(code + offset) == MarkedLine)
            {
                return offset;
            }
        }

        return 0;
    }
}
