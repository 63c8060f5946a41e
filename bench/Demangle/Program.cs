// Demangles the names on standard input, one a line, as c++filt does; on standard error, how long that alone took.
// With -p the names are without parameters, as perf prints them; with --rounds=N each is demangled N times.
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Viperf.Core.Symbols.Demangling;

bool withParameters = !args.Contains("-p");
string? asked = args.FirstOrDefault(static arg => arg.StartsWith("--rounds=", StringComparison.Ordinal));
int rounds = asked is null ? 1 : int.Parse(asked.AsSpan(9), CultureInfo.InvariantCulture);

using var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
List<string> names = [];
while (input.ReadLine() is { } name)
{
    names.Add(name);
}

var demangled = new string[names.Count];
long allocated = GC.GetAllocatedBytesForCurrentThread();
var watch = Stopwatch.StartNew();
for (int round = 0; round < rounds; round++)
{
    for (int i = 0; i < demangled.Length; i++)
    {
        demangled[i] = Demangler.Demangle(names[i], withParameters) ?? names[i];
    }
}

watch.Stop();
allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 16);
foreach (string name in demangled)
{
    output.Write(name);
    output.Write('\n');
}

double count = (double)names.Count * rounds;
await Console.Error.WriteLineAsync(string.Create(
    CultureInfo.InvariantCulture,
    $"{count:F0} names in {watch.Elapsed.TotalSeconds:F2} s: {count / watch.Elapsed.TotalSeconds:F0} a second, {allocated / count:F0} bytes allocated for each"));
