namespace Viperf.Cli.Text;

/// <summary>
/// A line on the terminal that says what takes so long. It comes after half a second, and goes when the work is done;
/// where stderr is no terminal there is none.
/// </summary>
internal sealed class Progress : IDisposable
{
    /// <summary>The one that is being shown; null while none is.</summary>
    private static Progress? s_current;

    private readonly Timer? _timer;
    private string _what;
    private readonly Lock _lock = new();
    private int _ticks;
    private bool _isDone;

    /// <summary>Begins to wait.</summary>
    /// <param name="what">What is being done, without an end: <c>reading perf.data</c>.</param>
    public Progress(string what)
    {
        _what = what;
        s_current = this;
        if (!Console.IsErrorRedirected)
        {
            var half = TimeSpan.FromSeconds(0.5);
            _timer = new Timer(_ => Show(), null, half, half);
        }
    }

    /// <summary>Says what the work has come to; nothing where no work is shown.</summary>
    /// <param name="what">What is being done.</param>
    public static void Say(string what)
    {
        if (s_current is { } current)
        {
            current._what = what;
        }
    }

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
                Console.Error.Write($"\r\e[K{_what}{new string('.', (_ticks++ % 3) + 1)}");
            }
        }
    }
}
