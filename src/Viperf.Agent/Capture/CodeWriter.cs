using Viperf.Abi;
using Viperf.Agent.CPython;
using Viperf.Agent.Linux;

namespace Viperf.Agent.Capture;

/// <summary>Writes down what a code object is, from its bytes: in a signal handler nothing of CPython may be called.</summary>
internal readonly unsafe struct CodeWriter
{
    // PyVarObject and PyBytesObject, the same in all versions.
    private const int SizeOfVariable = 16;
    private const int DataOfBytes = 32;
    private const int InstructionBytes = 2;

    /// <summary>No line table is longer that is written down; a module of 10,000 lines has one of about 100 KB.</summary>
    private const nint MostLineBytes = 256 * 1024;

    /// <summary>No code is longer.</summary>
    private const nint MostCodeBytes = 64 * 1024 * 1024;

    private readonly CodeLayout _layout;
    private readonly TextLayout _texts;

    public CodeWriter(in CodeLayout layout, in TextLayout texts)
    {
        _layout = layout;
        _texts = texts;
    }

    /// <summary>From a code object to its instructions, which frames point into; 0 where they count.</summary>
    public int Instructions => _layout.HasCodeObject ? 0 : _layout.Instructions;

    /// <summary>True if something looks like a code object.</summary>
    public bool IsCode(byte* something, ref ReadableMemory memory) =>
        ((nuint)something & 7) == 0 && memory.Contains(something, _layout.Bytes) && PythonApi.IsCode(something);

    /// <summary>Writes a code object into the ring.</summary>
    /// <returns>False if there was no room, or it is not what it seems; both are counted.</returns>
    public bool TryWrite(byte* code, uint number, in CaptureRing ring, ref ReadableMemory memory)
    {
        byte* name = *(byte**)(code + _layout.Name);
        byte* file = *(byte**)(code + _layout.FileName);
        byte* lines = *(byte**)(code + _layout.Lines);
        nint codeBytes = CodeBytes(code, ref memory);
        int nameBytes = name == null ? 0 : _texts.Write(name, ref memory, null);
        int fileBytes = file == null ? 0 : _texts.Write(file, ref memory, null);
        nint lineBytes = lines == null ? 0 : memory.Contains(lines, DataOfBytes) ? *(nint*)(lines + SizeOfVariable) : -1;
        if (codeBytes is < 0 or > MostCodeBytes || nameBytes < 0 || fileBytes < 0 || lineBytes < 0)
        {
            ring.Count(CaptureLoss.BadCode);
            return false;
        }

        if (lineBytes > MostLineBytes)
        {
            lineBytes = 0;
        }

        uint bytes = (uint)((sizeof(CaptureCode) + nameBytes + fileBytes + lineBytes + 7) & ~7);
        var record = (CaptureCode*)ring.Reserve(bytes);
        if (record == null)
        {
            return false;
        }

        record->Head.Kind = CaptureRecord.Code;
        record->Head.Flags = 0;
        record->Number = number;
        record->CodeBytes = (uint)codeBytes;
        record->FirstLine = *(int*)(code + _layout.FirstLine);
        record->NameBytes = (uint)nameBytes;
        record->FileBytes = (uint)fileBytes;
        record->LineBytes = (uint)lineBytes;
        byte* to = (byte*)(record + 1);
        _ = name == null ? 0 : _texts.Write(name, ref memory, to);
        _ = file == null ? 0 : _texts.Write(file, ref memory, to + nameBytes);
        to += nameBytes + fileBytes;
        for (nint i = 0; i < lineBytes; i++)
        {
            to[i] = (lines + DataOfBytes)[i];
        }

        CaptureRing.Commit(&record->Head, bytes);
        return true;
    }

    private nint CodeBytes(byte* code, ref ReadableMemory memory)
    {
        if (!_layout.HasCodeObject)
        {
            return *(nint*)(code + SizeOfVariable) * InstructionBytes;
        }

        byte* bytes = *(byte**)(code + _layout.Instructions);
        return memory.Contains(bytes, DataOfBytes) ? *(nint*)(bytes + SizeOfVariable) : -1;
    }
}
