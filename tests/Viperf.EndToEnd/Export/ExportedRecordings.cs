using System.Globalization;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Export;

/// <summary>A recording, and what is known of it from elsewhere.</summary>
/// <param name="Data">Its path.</param>
/// <param name="Samples">Number of its samples, as <c>script</c> lists them.</param>
/// <param name="Period">Sum of their periods.</param>
public sealed record ExportedRecording(string Data, int Samples, long Period)
{
    /// <summary>The sum of periods in seconds.</summary>
    public double Seconds => Period / 1e9;
}

/// <summary>Recordings for tests of formats, each made when it is first asked for.</summary>
public sealed class ExportedRecordings : IDisposable
{
    public const string Calls = "calls";
    public const string Threads = "threads";
    public const string Wall = "wall";
    public const string Hostile = "hostile";

    private readonly TempDirectory _directory = new();
    private readonly Dictionary<string, ExportedRecording> _made = [];

    /// <summary>Rows for a theory over all recordings.</summary>
    public static TheoryData<string> All => [Calls, Threads, Wall, Hostile];

    /// <summary>A recording by its name.</summary>
    public ExportedRecording Of(string name)
    {
        if (!_made.TryGetValue(name, out var recording))
        {
            _made.Add(name, recording = Make(name));
        }

        return recording;
    }

    /// <summary>Writes a recording in a format.</summary>
    /// <returns>The path of what is written.</returns>
    public string Export(string name, string format, params string[] options)
    {
        string output = _directory.File($"{name}.{format}");
        ViperfBinary.Run(["export", "--format", format, "-i", Of(name).Data, "-o", output, .. options]).Succeeded();
        return output;
    }

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();

    private ExportedRecording Make(string name)
    {
        string data = _directory.File(name + ".data");
        string[] options = name switch
        {
            Calls => ["--interpreter", Interpreter.Pyenv("3.11.7").Path, "-F", "2999", "-o", data, Workload.Calls, "300"],
            Threads => ["--interpreter", Interpreter.Pyenv("3.13.0").Path, "-o", data, Workload.Threads, "0.5"],
            Wall => ["--mode", "wall", "--interpreter", Interpreter.Pyenv("3.11.7").Path, "-o", data, Workload.Threads, "0.5"],
            _ => ["--interpreter", Interpreter.Pyenv("3.13.0").Path, "-F", "2999", "-o", data, Workload.PathOf("hostile.py"), "0.05"],
        };
        ViperfBinary.Run(["run", .. options]).Succeeded();
        long[] periods = [.. ViperfBinary.Run("script", "-F", "period", "-i", data).Succeeded().Lines
            .Select(static line => long.Parse(line.Trim(), CultureInfo.InvariantCulture))];
        Assert.True(periods.Length > 50, $"{name}: {periods.Length} samples");
        return new(data, periods.Length, periods.Sum());
    }
}
