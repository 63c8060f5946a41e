namespace Viperf.Cli.Text;

/// <summary>
/// A line on the terminal that says what takes so long. It comes after half a second, and goes when the work is done;
/// where stderr is no terminal there is none.
/// </summary>
internal sealed class Progress : IDisposable
{
    private readonly Timer? _timer;
    private readonly string _what;
    private readonly Lock _lock = new();
    private int _ticks;
    private bool _isDone;

    /// <summary>Begins to wait.</summary>
    /// <param name="what">What is being done, without an end: <c>reading perf.data</c>.</param>
    public Progress(string what)
    {
        _what = what;
        if (!Console.IsErrorRedirected)
        {
            var half = TimeSpan.FromSeconds(0.5);
            _timer = new Timer(_ => Show(), null, half, half);
        }
    }

    /// <summary>Takes the line away.</summary>
    public void Dispose()
    {
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
                Console.Error.Write($"\r\e[K{_what}{new string('.', (_ticks++ % 3) + 1)}");
            }
        }
    }
}
