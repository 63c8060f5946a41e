namespace Viperf.Formats.Bytes;

/// <summary>
/// The largest counts and lengths that viperf takes from outside. Each is far above what real files hold and far
/// below what would hurt; a value over its limit is an error of the file, never an allocation.
/// </summary>
public static class Limits
{
    /// <summary>Bytes of one ELF or DWARF section that is read whole.</summary>
    public const int SectionBytes = 1 << 30;

    /// <summary>Bytes of one file that is got from a server.</summary>
    public const long DownloadBytes = 1L << 33;

    /// <summary>Bytes of the ELF file within <c>.gnu_debugdata</c>: names of functions alone.</summary>
    public const int MiniDebugInfoBytes = 1 << 28;

    /// <summary>Bytes that decompressing xz looks back: what its highest level takes.</summary>
    public const int XzDictionaryBytes = 1 << 26;

    /// <summary>Section and program headers of one ELF file (extended numbering included).</summary>
    public const int ElfHeaders = 1 << 17;

    /// <summary>Symbols of one ELF file, of the kernel or of one perf map.</summary>
    public const int Symbols = 1 << 24;

    /// <summary>
    /// Bytes of one symbol's or source file's name. What is longer has no name: many entries that point into one
    /// endless text would cost the text's length each.
    /// </summary>
    public const int NameBytes = 1 << 16;

    /// <summary>Sequences of addresses in the line tables of one file: as many as functions at most.</summary>
    public const int LineSequences = 1 << 23;

    /// <summary>Rows of one unit's line table, which are kept when the unit is asked for.</summary>
    public const int LineRows = 1 << 25;

    /// <summary>Bytes of all notes of one ELF file that are looked through for its build-id.</summary>
    public const int NoteBytes = 1 << 24;

    /// <summary>Units of the debug information of one file; the largest programs have some ten thousands.</summary>
    public const int DebugUnits = 1 << 18;

    /// <summary>Entries of debug information around one entry: blocks in blocks of inlined functions; some tens are usual.</summary>
    public const int EntryDepth = 1 << 12;

    /// <summary>Attributes of one kind of entries; compilers have some tens. They can take no bytes, but each takes a step.</summary>
    public const int EntryAttributes = 1 << 8;

    /// <summary>Bytes of abbreviations that are read of one file, each time counted; the largest files have some millions.</summary>
    public const int AbbreviationBytes = 1 << 26;

    /// <summary>How often the units of one file are gone through, on average; twice is usual for those that were split.</summary>
    public const int UnitReadings = 4;

    /// <summary>Bytes of all names of functions that are read of one file's debug information.</summary>
    public const int FunctionNamesBytes = 1 << 28;

    /// <summary>Functions that were inlined into one another at one address.</summary>
    public const int FunctionsAtPlace = 1 << 14;

    /// <summary>Entries that one function's name is looked for in, each of which says that it is made from the next.</summary>
    public const int OriginSteps = 16;

    /// <summary>Ranges of addresses that are read of one file's debug information, each time counted.</summary>
    public const int AddressRanges = 1 << 24;

    /// <summary>
    /// Bytes of one entry of call frame information: what finding a row reads at most. The largest one of
    /// libpython 3.13 has 492.
    /// </summary>
    public const int CfiEntryBytes = 1 << 16;

    /// <summary>Functions that the call frame information of one file describes.</summary>
    public const int FrameDescriptions = 1 << 23;

    /// <summary>Rows that one function's call frame instructions remember at a time; compilers nest one or two.</summary>
    public const int RememberedRows = 16;

    /// <summary>Values on the stack of a DWARF expression; those of call frame information need two or three.</summary>
    public const int ExpressionStack = 64;

    /// <summary>Operations that one DWARF expression runs, so that one that jumps back ends.</summary>
    public const int ExpressionSteps = 4096;

    /// <summary>Event attributes of one perf.data file.</summary>
    public const int EventAttrs = 4096;

    /// <summary>Sample ids of one perf.data file: events times CPUs times threads.</summary>
    public const int SampleIds = 1 << 20;

    /// <summary>Bytes of one header feature section of a perf.data file, and of all of them together.</summary>
    public const int FeatureBytes = 1 << 26;

    /// <summary>
    /// Bytes of records that wait for their turn by time. A recording keeps far fewer between two FINISHED_ROUNDs;
    /// one that goes beyond is still read, its order only as good as this window.
    /// </summary>
    public const int SorterBytes = 1 << 28;

    /// <summary>Bytes of one text file that is read whole (perf map, kallsyms).</summary>
    public const int TextFileBytes = 1 << 29;

    /// <summary>Bytes of one record of a jitdump: one function's code, or its lines.</summary>
    public const int JitRecordBytes = 1 << 28;

    /// <summary>Pieces of code of one jitdump, those that were replaced included.</summary>
    public const int JitCodeBlocks = 1 << 21;

    /// <summary>Bytes of all names of one jitdump.</summary>
    public const int JitNamesBytes = 1 << 28;

    /// <summary>Line tables that wait for their code in a jitdump: far more than threads that compile.</summary>
    public const int JitWaitingDebugInfos = 1 << 12;

    /// <summary>Ranges of lines of one Python code object; the largest modules of data have some hundred thousand lines.</summary>
    public const int CodeLineRanges = 1 << 22;

    /// <summary>
    /// Entries of one call chain that viperf makes: as many as fit a sample, whose record has 65,535 bytes at most, with
    /// room for its other fields. perf and its kin read such chains.
    /// </summary>
    public const int CallchainEntries = 8000;

    /// <summary>
    /// Frames of one stack whose whole rows of call frame information are run, expressions and all: more than fit the largest
    /// copy of a stack that realigns itself in each function.
    /// </summary>
    public const int StackRows = 2048;

    /// <summary>
    /// Characters of one demangled name. The longest of LLVM's and of rustc's have 25,000; a few mangled bytes can stand for
    /// any number.
    /// </summary>
    public const int DemangledChars = 1 << 16;

    /// <summary>Nodes that one mangled name is read into: at most as many as its bytes, and some for what they repeat.</summary>
    public const int DemangledNodes = 1 << 18;

    /// <summary>Productions of a mangled name that lie in each other; compilers' nest a hundred deep at most.</summary>
    public const int DemanglingDepth = 1024;

    /// <summary>
    /// Steps that reading one mangled name takes, and that writing it does. A quarter is enough for all of LLVM's and rustc's;
    /// a few mangled bytes can ask for any number, without a character of text.
    /// </summary>
    public const int DemanglingSteps = 1 << 17;

    /// <summary>
    /// Symbols of one file that are demangled to choose between those at one address; others are compared as they are. A
    /// demangling may take milliseconds where somebody means it to.
    /// </summary>
    public const int DemangledAliases = 1 << 12;
}
