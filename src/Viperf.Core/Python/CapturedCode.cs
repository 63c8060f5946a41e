using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Viperf.Abi;

namespace Viperf.Core.Python;

/// <summary>
/// The code objects that one process's agent wrote down, and the addresses that stand for their instructions: as many bytes as
/// the code has, one behind the other, none ever used for other code. A place in it is what a file's text has at the same offset.
/// </summary>
internal sealed class CapturedCode
{
    /// <summary>No program has so many; what is hostile stops here.</summary>
    private const int MostFunctions = 4 * 1024 * 1024;

    /// <summary>Where the next code begins; bytes from the text's start. Multiples of it keep functions apart.</summary>
    private const uint Alignment = 16;

    /// <summary>Living code, by where the agent remembers it (<see cref="CaptureCode.PlaceBits"/>).</summary>
    private readonly Dictionary<uint, (uint Number, int Index)> _byPlace = [];
    private readonly Dictionary<uint, (uint Number, int Index)> _byOutsideNumber = [];
    private readonly Dictionary<string, ulong> _leaves = [];

    /// <summary>
    /// Functions by what they are: a program that compiles the same again and again has one of it, and so have the agent and the
    /// recorder, who may both tell of one.
    /// </summary>
    private readonly Dictionary<Content, int> _byContent = [];
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
        int head = Marshal.SizeOf<CaptureCode>();
        if (record.Length < head)
        {
            return false;
        }

        var code = MemoryMarshal.Read<CaptureCode>(record);
        var rest = record[head..];
        if ((ulong)code.NameBytes + code.FileBytes + code.LineBytes > (ulong)rest.Length || code.Number == 0)
        {
            return false;
        }

        var numbers = isOutside ? _byOutsideNumber : _byPlace;
        uint place = PlaceOf(code.Number, isOutside);
        if (numbers.TryGetValue(place, out var known) && known.Number == code.Number)
        {
            return true; // two threads met it at the same time
        }

        string name = Encoding.UTF8.GetString(rest[..(int)code.NameBytes]);
        string file = Encoding.UTF8.GetString(rest.Slice((int)code.NameBytes, (int)code.FileBytes));
        var lines = rest.Slice((int)(code.NameBytes + code.FileBytes), (int)code.LineBytes);
        var content = new Content(name, file, Math.Max(code.FirstLine, 0), code.CodeBytes, XxHash3.HashToUInt64(lines));
        if (!_byContent.TryGetValue(content, out int index) || !lines.SequenceEqual(_functions[index].Lines))
        {
            ulong end = Length + Math.Max(code.CodeBytes, 2);
            if (end > most || _functions.Count == MostFunctions)
            {
                return false;
            }

            index = _functions.Count;
            _byContent[content] = index;
            _functions.Add(new CapturedFunction(Length, code.CodeBytes, name, file, content.FirstLine, lines.ToArray()));
            Length = Aligned(end);
        }

        numbers[place] = (code.Number, index);
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

    /// <summary>What one number after the other stands for; the recorder's own numbers, of few, are never taken over.</summary>
    private static uint PlaceOf(uint number, bool isOutside) =>
        isOutside ? number : (number - 1) & ((1u << CaptureCode.PlaceBits) - 1);

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
        var numbers = isOutside ? _byOutsideNumber : _byPlace;
        if (!numbers.TryGetValue(PlaceOf(number, isOutside), out var known) || known.Number != number)
        {
            return false;
        }

        var function = _functions[known.Index];
        offset = function.Start + (position < function.Length ? position : 0);
        return !IsOfInterpreter(function);
    }

    /// <summary>
    /// What CPython itself runs between two functions: between a class that is called and its <c>__init__</c>, from 3.12 on, stands
    /// code of that name and file. Tracebacks leave it out too.
    /// </summary>
    private static bool IsOfInterpreter(CapturedFunction function) =>
        function.File.Length == 0 || (function.File == function.Name && function.FirstLine == 0);

    /// <param name="Name">Its name.</param>
    /// <param name="File">Its source file.</param>
    /// <param name="FirstLine">Where it begins.</param>
    /// <param name="CodeBytes">Bytes of its instructions.</param>
    /// <param name="Lines">What its line table comes to.</param>
    private readonly record struct Content(string Name, string File, int FirstLine, uint CodeBytes, ulong Lines);
}

/// <summary>A code object.</summary>
/// <param name="Start">Where its instructions begin; bytes from the text's start.</param>
/// <param name="Length">Bytes of its instructions.</param>
/// <param name="Name">Its qualified name; before 3.11 its name.</param>
/// <param name="File">Its source file.</param>
/// <param name="FirstLine">The line that its definition begins at; 0 for none.</param>
/// <param name="Lines">Its line table, as its version of CPython has it.</param>
internal readonly record struct CapturedFunction(ulong Start, uint Length, string Name, string File, int FirstLine, byte[] Lines);
