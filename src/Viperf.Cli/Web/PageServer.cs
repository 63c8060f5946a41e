using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Viperf.Cli.Web;

/// <summary>
/// Serves one page to this machine's browsers: on the loopback address alone, on a port that the kernel chooses, at a path that
/// nobody can guess. .NET's HttpListener takes no such port, lets clients keep it waiting, and answers some requests by itself.
/// </summary>
internal sealed class PageServer : IDisposable
{
    /// <summary>Clients at a time; others wait.</summary>
    private const int MostClients = 32;

    private const int TokenBytes = 24;

    private static readonly TimeSpan s_requestTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_responseTime = TimeSpan.FromSeconds(60);

    private readonly TcpListener _listener = new(IPAddress.Loopback, port: 0);
    private readonly SemaphoreSlim _clients = new(MostClients);
    private readonly byte[] _path;
    private readonly string[] _hosts;
    private readonly byte[] _page;
    private readonly byte[] _packed;

    /// <summary>Begins to listen.</summary>
    /// <param name="page">The page.</param>
    public PageServer(byte[] page)
    {
        _page = page;
        _packed = Pack(page);
        _listener.Start();
        int port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        string path = $"/{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes))}/";
        _path = Encoding.ASCII.GetBytes(path);
        _hosts = [string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), string.Create(CultureInfo.InvariantCulture, $"localhost:{port}")];
        Address = new Uri($"http://{_hosts[0]}{path}");
    }

    /// <summary>Where the page is.</summary>
    public Uri Address { get; }

    /// <summary>Serves until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await _clients.WaitAsync(stop).ConfigureAwait(false);
                Socket client;
                try
                {
                    client = await _listener.AcceptSocketAsync(stop).ConfigureAwait(false);
                }
                catch (SocketException)
                {
                    // gone before it was met, or no descriptor is left: others will end
                    _clients.Release();
                    await Task.Delay(10, stop).ConfigureAwait(false);
                    continue;
                }

                _ = ServeAsync(client, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // as it was asked to
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        _clients.Dispose();
    }

    private async Task ServeAsync(Socket client, CancellationToken stop)
    {
        try
        {
            using (client)
            using (var time = CancellationTokenSource.CreateLinkedTokenSource(stop))
            {
                time.CancelAfter(s_requestTime);
                var request = await ReadAsync(client, time.Token).ConfigureAwait(false);
                time.CancelAfter(s_responseTime);
                var (head, body) = Answer(request);
                await SendAsync(client, head, time.Token).ConfigureAwait(false);
                await SendAsync(client, body, time.Token).ConfigureAwait(false);
                client.Shutdown(SocketShutdown.Send);

                // What a client still sends would have the kernel take the answer back from it.
                time.CancelAfter(TimeSpan.FromSeconds(1));
                byte[] rest = new byte[4096];
                while (await client.ReceiveAsync(rest, time.Token).ConfigureAwait(false) > 0)
                {
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // the client's loss
        }
        finally
        {
            if (!stop.IsCancellationRequested)
            {
                _clients.Release();
            }
        }
    }

    /// <summary>Reads a request; null if it is none.</summary>
    private static async Task<HttpRequestHead?> ReadAsync(Socket client, CancellationToken time)
    {
        byte[] bytes = new byte[HttpRequestHead.MostBytes];
        int count = 0;
        while (count < bytes.Length)
        {
            int got = await client.ReceiveAsync(bytes.AsMemory(count), time).ConfigureAwait(false);
            if (got == 0)
            {
                break;
            }

            count += got;
            int end = bytes.AsSpan(0, count).IndexOf(HttpRequestHead.End);
            if (end >= 0)
            {
                return HttpRequestHead.Parse(bytes.AsSpan(0, end));
            }
        }

        return null;
    }

    private static async Task SendAsync(Socket client, ReadOnlyMemory<byte> bytes, CancellationToken time)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await client.SendAsync(bytes, time).ConfigureAwait(false)..];
        }
    }

    private (ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Body) Answer(HttpRequestHead? request)
    {
        // A page of another site reaches this port too, under a name of its own that it gave this address.
        string? refusal = request is null ? "400 Bad Request"
            : !_hosts.Contains(request["Host"], StringComparer.OrdinalIgnoreCase) ? "421 Misdirected Request"
            : request["Origin"] is { } origin && !_hosts.Any(host => origin.Equals($"http://{host}", StringComparison.OrdinalIgnoreCase)) ? "403 Forbidden"
            : request["Sec-Fetch-Site"] is not (null or "none" or "same-origin") ? "403 Forbidden"
            : request.Method is not ("GET" or "HEAD") ? "405 Method Not Allowed"
            : !CryptographicOperations.FixedTimeEquals(Encoding.Latin1.GetBytes(request.Target), _path) ? "404 Not Found"
            : null;
        bool isPacked = refusal is null && AcceptsGzip(request!["Accept-Encoding"]);
        byte[] body = refusal is not null ? Encoding.ASCII.GetBytes(refusal + "\n") : isPacked ? _packed : _page;
        string head = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            HTTP/1.1 {refusal ?? "200 OK"}
            Content-Type: text/{(refusal is null ? "html" : "plain")}; charset=utf-8
            Content-Length: {body.Length}
            Content-Security-Policy: frame-ancestors 'none'
            X-Content-Type-Options: nosniff
            Referrer-Policy: no-referrer
            Cross-Origin-Opener-Policy: same-origin
            Cross-Origin-Resource-Policy: same-origin
            Cache-Control: no-store
            Vary: Accept-Encoding
            Connection: close
            """);
        head += isPacked ? "\nContent-Encoding: gzip" : "";
        head += request?.Method is not ("GET" or "HEAD") && refusal is ['4', '0', '5', ..] ? "\nAllow: GET, HEAD" : "";
        return (
            Encoding.ASCII.GetBytes(head.ReplaceLineEndings("\r\n") + "\r\n\r\n"),
            request?.Method == "HEAD" ? ReadOnlyMemory<byte>.Empty : body);
    }

    /// <summary>Whether a client takes gzip, without a weight of zero.</summary>
    private static bool AcceptsGzip(string? encodings) => encodings is not null && encodings.Split(',')
        .Select(static one => one.Split(';', StringSplitOptions.TrimEntries))
        .Any(static one => one[0].Equals("gzip", StringComparison.OrdinalIgnoreCase)
            && !one.Skip(1).Any(static weight => weight is "q=0" or "q=0." or "q=0.0" or "q=0.00" or "q=0.000"));

    private static byte[] Pack(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }
}
