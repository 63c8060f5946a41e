using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Viperf.EndToEnd.Symbols;

/// <summary>A server of debuginfod on the loopback interface, which answers as a test says.</summary>
internal sealed class DebuginfodServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, (byte[] Body, int Announced)?> _answer;

    /// <summary>Starts it.</summary>
    /// <param name="answer">Given a path: the body and the length that is announced; null for 404.</param>
    public DebuginfodServer(Func<string, (byte[] Body, int Announced)?> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = Serve();
    }

    /// <summary>What DEBUGINFOD_URLS takes.</summary>
    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>The paths that were asked for.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public void Dispose() => _listener.Dispose();

    private async Task Serve()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await Answer(client.GetStream());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over.
        }
    }

    private async Task Answer(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        string path = (await reader.ReadLineAsync())?.Split(' ')[1] ?? "";
        while (await reader.ReadLineAsync() is { Length: > 0 })
        {
        }

        Requests.Enqueue(path);
        var answer = _answer(path);
        string head = answer is { } found
            ? $"HTTP/1.1 200 OK\r\nContent-Length: {found.Announced}\r\nConnection: close\r\n\r\n"
            : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        await stream.WriteAsync(answer?.Body ?? []);
    }
}
