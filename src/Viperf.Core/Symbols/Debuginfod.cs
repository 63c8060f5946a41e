using System.Globalization;
using System.Net;
using Viperf.Core.Profiles;
using Viperf.Formats.Bytes;

namespace Viperf.Core.Symbols;

/// <summary>
/// debuginfod's servers (<c>debuginfod-client-config(7)</c>), which have files by their build-ids. Asked only where the user named
/// some by DEBUGINFOD_URLS, and only for what is not on this machine. Every answer is checked by its build-id.
/// </summary>
internal sealed class Debuginfod : IDisposable
{
    /// <summary>What the file is called that the debug information of a stripped one went to.</summary>
    public const string DebugFile = "debuginfo";

    /// <summary>What the file itself is called.</summary>
    public const string Executable = "executable";

    private const int DefaultTimeoutSeconds = 90;
    private const int BlockBytes = 1 << 16;

    private readonly string[] _urls;
    private readonly TimeSpan _timeout;
    private readonly long _mostBytes;
    private readonly DebuginfodCache _cache;
    private readonly Action<string> _progress;

    /// <summary>One file at a time: threads that want the same one wait for it, and servers are asked one thing after another.</summary>
    private readonly Lock _lock = new();

    /// <summary>What servers did not have, or could not be asked for, in this run.</summary>
    private readonly HashSet<(string BuildId, string Kind)> _missing = [];

    /// <summary>Servers that did not answer: each is waited for once.</summary>
    private readonly HashSet<string> _silent = [];
    private readonly WarningList _warnings = new();
    private HttpClient? _client;

    private Debuginfod(string[] urls, DebuginfodCache cache, Action<string> progress)
    {
        (_urls, _cache, _progress) = (urls, cache, progress);
        _timeout = TimeSpan.FromSeconds(Number("DEBUGINFOD_TIMEOUT") is > 0 and < int.MaxValue / 1000 and long seconds ? seconds : DefaultTimeoutSeconds);
        _mostBytes = Number("DEBUGINFOD_MAXSIZE") is > 0 and long bytes ? Math.Min(bytes, Limits.DownloadBytes) : Limits.DownloadBytes;
    }

    /// <summary>What was wrong with servers, one line each.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            lock (_lock)
            {
                return [.. _warnings.Texts];
            }
        }
    }

    /// <summary>The servers that the environment names; null if it names none.</summary>
    /// <param name="progress">Is told what is being got.</param>
    public static Debuginfod? OfEnvironment(Action<string> progress)
    {
        string[] urls = (Environment.GetEnvironmentVariable("DEBUGINFOD_URLS") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return urls.Length == 0 ? null : new Debuginfod(urls, DebuginfodCache.OfEnvironment(), progress);
    }

    /// <summary>Opens a file that a server has, or had before; null if none has it.</summary>
    /// <param name="buildId">Its build-id.</param>
    /// <param name="kind"><see cref="DebugFile"/> or <see cref="Executable"/>.</param>
    /// <param name="what">What messages call the file.</param>
    public OpenedElf? TryOpen(string buildId, string kind, string what)
    {
        if (!BuildIdCache.IsBuildId(buildId))
        {
            return null;
        }

        lock (_lock)
        {
            try
            {
                if (_missing.Contains((buildId, kind)))
                {
                    return null;
                }

                string? path = _cache.TryGet(buildId, kind, out bool isKnownMissing);
                if (path is not null && ModuleFile.TryOpenNamed(path, buildId) is { } kept)
                {
                    return kept;
                }

                path = isKnownMissing ? null : Get(buildId, kind, what);
                if (path is not null)
                {
                    return ModuleFile.TryOpenNamed(path, buildId);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _warnings.Add($"debuginfod: {e.Message}");
            }

            _missing.Add((buildId, kind));
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client?.Dispose();

    private string? Get(string buildId, string kind, string what)
    {
        bool haveAllAnswered = true;
        foreach (string url in _urls)
        {
            if (_silent.Contains(url))
            {
                haveAllAnswered = false;
                continue;
            }

            string address = $"{url.TrimEnd('/')}/buildid/{buildId}/{kind}";
            try
            {
                _progress($"getting {kind} of {what} from {url}");
                if (_cache.Add(buildId, kind, file => Download(address, file, buildId)) is { } path)
                {
                    return path;
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or UriFormatException or NotSupportedException
                or InvalidOperationException or InvalidDataException or EndOfStreamException or HttpIOException)
            {
                haveAllAnswered = false;
                bool isSilent = e is not (InvalidDataException or EndOfStreamException);
                if (isSilent)
                {
                    _silent.Add(url);
                }

                string reason = e is OperationCanceledException ? $"no answer within {_timeout.TotalSeconds:F0} s" : e.Message.TrimEnd('.');
                _warnings.Add($"debuginfod {(isSilent ? url : address)}: {reason}");
            }
        }

        if (haveAllAnswered)
        {
            _cache.NoteMissing(buildId, kind);
        }

        return null;
    }

    /// <summary>Gets one file; false if the server says that it has it not.</summary>
    private bool Download(string address, string path, string buildId)
    {
        _client ??= new HttpClient(new SocketsHttpHandler { ConnectTimeout = _timeout }) { Timeout = Timeout.InfiniteTimeSpan };
        using var patience = new CancellationTokenSource(_timeout);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address));
        request.Headers.UserAgent.ParseAdd("viperf");
        using var response = _client.Send(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }

        response.EnsureSuccessStatusCode();
        using (var body = response.Content.ReadAsStream(patience.Token))
        using (var file = new FileStream(path, FileMode.CreateNew))
        {
            Copy(body, file, response.Content.Headers.ContentLength, patience);
        }

        using var elf = ModuleFile.TryOpen(path, buildId, module: null, out var problem);
        if (elf is null)
        {
            throw new InvalidDataException(problem.Reason == UnnamedReason.FileReplaced
                ? "the answer has another build-id: not used"
                : "the answer is no ELF file that can be read: not used");
        }

        return true;
    }

    /// <summary>Copies an answer, as long as some of it comes within each time limit.</summary>
    private void Copy(Stream body, FileStream file, long? announced, CancellationTokenSource patience)
    {
        var block = new byte[BlockBytes];
        long total = 0;
        if (announced > _mostBytes)
        {
            throw new InvalidDataException($"an answer of {announced} bytes, more than the limit of {_mostBytes}");
        }

        // The handler's stream has no time limit of its own for synchronous reads: closing it ends them.
        using var end = patience.Token.Register(body.Dispose);
        while (true)
        {
            patience.CancelAfter(_timeout);
            int got;
            try
            {
                got = body.Read(block);
            }
            catch (Exception e) when (patience.IsCancellationRequested && e is IOException or ObjectDisposedException)
            {
                throw new OperationCanceledException("no answer", e);
            }

            if (got == 0)
            {
                break;
            }

            total += got;
            if (total > _mostBytes)
            {
                throw new InvalidDataException($"an answer of more than {_mostBytes} bytes");
            }

            file.Write(block, 0, got);
        }

        if (total < announced)
        {
            throw new EndOfStreamException($"the answer ends after {total} of {announced} bytes");
        }
    }

    private static long? Number(string variable) =>
        long.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
