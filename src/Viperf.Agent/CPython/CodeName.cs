using Viperf.Agent.Linux;

namespace Viperf.Agent.CPython;

/// <summary>What profilers are told of a code object: <c>py::QUALNAME:FILE</c>, as CPython's own support names it.</summary>
internal static unsafe class CodeName
{
    /// <summary>Adds the name; the error that the running thread may have is left as it is.</summary>
    /// <param name="code">A code object.</param>
    /// <param name="hasQualifiedNames">False before 3.11.</param>
    /// <param name="name">Gets the name added.</param>
    /// <param name="fileStart">Where in it the file's name begins.</param>
    public static void Describe(void* code, bool hasQualifiedNames, ref TextBuffer name, out int fileStart)
    {
        name.Add("py::"u8);
        Add(code, hasQualifiedNames ? "co_qualname"u8 : "co_name"u8, ref name);
        name.Add((byte)':');
        fileStart = name.Length;
        Add(code, "co_filename"u8, ref name);
    }

    /// <summary>The line that the function's definition begins in; 0 if it has none.</summary>
    public static uint FirstLine(void* code)
    {
        void* line = PythonApi.GetAttribute(code, "co_firstlineno"u8.Pointer);
        if (line == null)
        {
            PythonApi.ForgetError();
            return 0;
        }

        long number = PythonApi.AsLong(line);
        PythonApi.Release(line);
        return number is > 0 and < 0x7fffffff ? (uint)number : 0;
    }

    private static void Add(void* code, ReadOnlySpan<byte> attribute, ref TextBuffer name)
    {
        void* value = PythonApi.GetAttribute(code, attribute.Pointer);
        if (value == null)
        {
            PythonApi.ForgetError();
            name.Add((byte)'?');
            return;
        }

        nint length = 0;
        byte* utf8 = PythonApi.AsUtf8(value, &length);
        if (utf8 != null)
        {
            AddLine(utf8, length, ref name);
        }
        else
        {
            PythonApi.ForgetError();
            AddUnencodable(value, ref name);
        }

        PythonApi.Release(value);
    }

    /// <summary>Surrogates stand for a file name's bytes that are no text, or were written into a name on purpose.</summary>
    private static void AddUnencodable(void* value, ref TextBuffer name)
    {
        void* bytes = PythonApi.AsEncoded(value, "utf-8"u8.Pointer, "surrogateescape"u8.Pointer);
        if (bytes == null)
        {
            PythonApi.ForgetError();
            bytes = PythonApi.AsEncoded(value, "utf-8"u8.Pointer, "backslashreplace"u8.Pointer);
        }

        byte* first = null;
        nint length = 0;
        if (bytes == null || PythonApi.AsBytes(bytes, &first, &length) != 0)
        {
            PythonApi.ForgetError();
            name.Add((byte)'?');
        }
        else
        {
            AddLine(first, length, ref name);
        }

        if (bytes != null)
        {
            PythonApi.Release(bytes);
        }
    }

    /// <summary>A perf map has a line for each function, and jitdumps' names end at a zero byte.</summary>
    private static void AddLine(byte* text, nint length, ref TextBuffer name)
    {
        for (nint i = 0; i < length; i++)
        {
            name.Add(text[i] < ' ' ? (byte)'?' : text[i]);
        }
    }
}
