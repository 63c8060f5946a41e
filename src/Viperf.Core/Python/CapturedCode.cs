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
    private readonly Dictionary<uint, int> _byOutsideNumber = [];
    private readonly Dictionary<string, ulong> _leaves = [];

    /// <summary>The last function of its name and place: the agent and the recorder may both tell of one.</summary>
    private readonly Dictionary<(string Name, string File, int FirstLine), (int Index, bool IsOutside)> _byName = [];
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
    /// <param name="isOutside">True if the recorder has made it, whose numbers are others.</param>
    /// <returns>False if it is not consistent, or there is no room.</returns>
    public bool TryAdd(ReadOnlySpan<byte> record, ulong most, bool isOutside = false)
    {
        var numbers = isOutside ? _byOutsideNumber : _byNumber;
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

        if (numbers.ContainsKey(code.Number))
        {
            return true; // two threads met it at the same time
        }

        string name = Encoding.UTF8.GetString(rest[..(int)code.NameBytes]);
        string file = Encoding.UTF8.GetString(rest.Slice((int)code.NameBytes, (int)code.FileBytes));
        var lines = rest.Slice((int)(code.NameBytes + code.FileBytes), (int)code.LineBytes);
        int firstLine = Math.Max(code.FirstLine, 0);
        if (_byName.TryGetValue((name, file, firstLine), out var known) && (isOutside || known.IsOutside)
            && _functions[known.Index].Length == code.CodeBytes && lines.SequenceEqual(_functions[known.Index].Lines))
        {
            numbers.Add(code.Number, known.Index);
            return true;
        }

        ulong end = Length + Math.Max(code.CodeBytes, 2);
        if (end > most)
        {
            return false;
        }

        numbers.Add(code.Number, _functions.Count);
        _byName[(name, file, firstLine)] = (_functions.Count, isOutside);
        _functions.Add(new CapturedFunction(Length, code.CodeBytes, name, file, firstLine, lines.ToArray()));
        Length = Aligned(end);
        return true;
    }

    /// <summary>Where something stands that is no code: why a thread does not run.</summary>
    /// <param name="name">What it is called; there are few.</param>
    /// <returns>Bytes from the text's start.</returns>
    public ulong LeafOf(string name)
    {
        if (!_leaves.TryGetValue(name, out ulong offset))
        {
            _leaves.Add(name, offset = Length);
            _functions.Add(new CapturedFunction(Length, Alignment, name, "", 0, []));
            Length += Alignment;
        }

        return offset;
    }

    private static ulong Aligned(ulong length) => (length + Alignment - 1) & ~(ulong)(Alignment - 1);

    /// <summary>Where an instruction lies.</summary>
    /// <param name="number">Its code's number.</param>
    /// <param name="position">Bytes from the code's start; anything behind its end stands for its start.</param>
    /// <param name="offset">Bytes from the text's start.</param>
    /// <param name="isOutside">As of <see cref="TryAdd"/>.</param>
    /// <returns>False if the code is not known, or is none of a program's.</returns>
    public bool TryFind(uint number, uint position, out ulong offset, bool isOutside = false)
    {
        offset = 0;
        if (!(isOutside ? _byOutsideNumber : _byNumber).TryGetValue(number, out int index))
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
