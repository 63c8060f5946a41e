using System.Globalization;
using Viperf.Core.Pipeline;

namespace Viperf.Cli.Text;

/// <summary>
/// A line on the terminal that says what takes so long, and how much of it is done where that is known. It comes after half a
/// second, and goes when the work is done; where stderr is no terminal there is none.
/// </summary>
internal sealed class Progress : IDisposable
{
    /// <summary>The one that is being shown; null while none is.</summary>
    private static Progress? s_current;

    private readonly Timer? _timer;
    private readonly string _speaker;
    private readonly Lock _lock = new();
    private volatile Func<(string What, double? Share)> _doing;
    private int _ticks;
    private bool _isDone;

    /// <summary>Begins to wait.</summary>
    /// <param name="verb">The command.</param>
    /// <param name="doing">What is being done, without an end (<c>reading perf.data</c>), and the part that is done, from 0 to 1;
    /// asked by another thread.</param>
    public Progress(string verb, Func<(string What, double? Share)> doing)
    {
        _speaker = $"{ProgramName.Current} {verb}";
        _doing = doing;
        s_current = this;
        if (!Console.IsErrorRedirected)
        {
            var half = TimeSpan.FromSeconds(0.5);
            _timer = new Timer(_ => Show(), null, half, half);
        }
    }

    /// <summary>Begins to wait for something of which nobody knows how long it takes.</summary>
    /// <param name="verb">The command.</param>
    /// <param name="what">What is being done, without an end.</param>
    public Progress(string verb, string what)
        : this(verb, () => (what, null))
    {
    }

    /// <summary>Begins to wait for what is done with a recording.</summary>
    public Progress(string verb, RecordingFile recording)
        : this(verb, () => recording.Activity)
    {
    }

    /// <summary>Says what the work has come to; nothing where no work is shown.</summary>
    /// <param name="what">What is being done.</param>
    public static void Say(string what)
    {
        if (s_current is { } current)
        {
            current._doing = () => (what, null);
        }
    }

    /// <summary>Goes on with what is done with a recording.</summary>
    public void Follow(RecordingFile recording) => _doing = () => recording.Activity;

    /// <summary>Goes on with something else.</summary>
    /// <param name="what">What is being done, without an end.</param>
    public void Follow(string what) => _doing = () => (what, null);

    /// <summary>Takes the line away.</summary>
    public void Dispose()
    {
        s_current = null;
        _timer?.Dispose();
        lock (_lock)
        {
            _isDone = true;
            if (_ticks > 0)
            {
                Console.Error.Write("\r\e[K");
            }
        }
    }

    private void Show()
    {
        lock (_lock)
        {
            if (!_isDone)
            {
                var (what, share) = _doing();
                string end = share is { } part
                    ? string.Create(CultureInfo.InvariantCulture, $" {Math.Floor(part * 100):F0}%")
                    : new string('.', (_ticks % 3) + 1);
                _ticks++;
                Console.Error.Write($"\r\e[K{_speaker}: {what}{end}");
            }
        }
    }
}
