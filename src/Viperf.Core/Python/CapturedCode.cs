using System.Runtime.InteropServices;
using System.Text;
using Viperf.Abi;

namespace Viperf.Core.Python;

/// <summary>
/// The code objects that one process's agent wrote down, and the addresses that stand for their instructions: as many bytes as
/// the code has, one behind the other, none ever used twice. A place in it is what a file's text has at the same offset.
/// </summary>
internal sealed class CapturedCode
{
    /// <summary>No program has so many; what is hostile stops here.</summary>
    private const int MostFunctions = 4 * 1024 * 1024;

    /// <summary>Where the next code begins; bytes from the text's start. Multiples of it keep functions apart.</summary>
    private const uint Alignment = 16;

    private readonly Dictionary<uint, int> _byNumber = [];
    private readonly List<CapturedFunction> _functions = [new CapturedFunction(0, Alignment, "[kernel: not permitted]", "", 0, [])];

    /// <summary>Bytes of all code.</summary>
    public ulong Length { get; private set; } = Alignment;

    /// <summary>Where the kernel's time stands that no sample may be taken of: the first function is none.</summary>
    public const ulong KernelOffset = 0;

    /// <summary>The functions, by their addresses.</summary>
    public IReadOnlyList<CapturedFunction> Functions => _functions;

    /// <summary>Takes a record.</summary>
    /// <param name="record">A whole <see cref="CaptureCode"/>, by whoever may have written it.</param>
    /// <param name="most">The text may not grow beyond so many bytes.</param>
    /// <returns>False if it is not consistent, or there is no room.</returns>
    public bool TryAdd(ReadOnlySpan<byte> record, ulong most)
    {
        int head = Marshal.SizeOf<CaptureCode>();
        if (record.Length < head)
        {
            return false;
        }

        var code = MemoryMarshal.Read<CaptureCode>(record);
        var rest = record[head..];
        if ((ulong)code.NameBytes + code.FileBytes + code.LineBytes > (ulong)rest.Length || code.Number == 0 || _functions.Count == MostFunctions)
        {
            return false;
        }

        if (_byNumber.ContainsKey(code.Number))
        {
            return true; // two threads met it at the same time
        }

        ulong end = Length + Math.Max(code.CodeBytes, 2);
        if (end > most)
        {
            return false;
        }

        _byNumber.Add(code.Number, _functions.Count);
        _functions.Add(new CapturedFunction(
            Length,
            code.CodeBytes,
            Encoding.UTF8.GetString(rest[..(int)code.NameBytes]),
            Encoding.UTF8.GetString(rest.Slice((int)code.NameBytes, (int)code.FileBytes)),
            Math.Max(code.FirstLine, 0),
            rest.Slice((int)(code.NameBytes + code.FileBytes), (int)code.LineBytes).ToArray()));
        Length = (end + Alignment - 1) & ~(ulong)(Alignment - 1);
        return true;
    }

    /// <summary>Where an instruction lies.</summary>
    /// <param name="number">Its code's number.</param>
    /// <param name="position">Bytes from the code's start; anything behind its end stands for its start.</param>
    /// <param name="offset">Bytes from the text's start.</param>
    /// <returns>False if the code is not known, or is none of a program's.</returns>
    public bool TryFind(uint number, uint position, out ulong offset)
    {
        offset = 0;
        if (!_byNumber.TryGetValue(number, out int index))
        {
            return false;
        }

        var function = _functions[index];
        offset = function.Start + (position < function.Length ? position : 0);
        return !IsOfInterpreter(function);
    }

    /// <summary>
    /// What CPython itself runs between two functions: between a class that is called and its <c>__init__</c>, from 3.12 on, stands
    /// code of that name and file. Tracebacks leave it out too.
    /// </summary>
    private static bool IsOfInterpreter(CapturedFunction function) =>
        function.File.Length == 0 || (function.File == function.Name && function.FirstLine == 0);
}

/// <summary>A code object.</summary>
/// <param name="Start">Where its instructions begin; bytes from the text's start.</param>
/// <param name="Length">Bytes of its instructions.</param>
/// <param name="Name">Its qualified name; before 3.11 its name.</param>
/// <param name="File">Its source file.</param>
/// <param name="FirstLine">The line that its definition begins at; 0 for none.</param>
/// <param name="Lines">Its line table, as its version of CPython has it.</param>
internal readonly record struct CapturedFunction(ulong Start, uint Length, string Name, string File, int FirstLine, byte[] Lines);
