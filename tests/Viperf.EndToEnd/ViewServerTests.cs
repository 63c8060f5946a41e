using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Viperf.EndToEnd.Harness;
using Viperf.Tests.Export;
using Xunit;

namespace Viperf.EndToEnd;

/// <summary>The server of viperf view, by what clients send it.</summary>
public sealed class ViewServerTests : IDisposable
{
    private readonly Process _viperf;
    private readonly Uri _address;

    public ViewServerTests()
    {
        _viperf = new Tool { File = ViperfBinary.Path }.Start("view", Repository.PathOf("tests", "fixtures", "perf-data-6.1", "file.data"));
        _address = new Uri(_viperf.StandardOutput.ReadLine()!);
    }

    public void Dispose()
    {
        _viperf.Kill();
        _viperf.Dispose();
    }

    [Fact]
    public async Task The_page_is_served_on_the_loopback_address_with_headers_that_keep_it_there()
    {
        Assert.Equal("127.0.0.1", _address.Host);
        Assert.Matches("^/[0-9a-f]{48}/$", _address.AbsolutePath);
        foreach (bool packed in (bool[])[true, false])
        {
            using var handler = new HttpClientHandler { AutomaticDecompression = packed ? DecompressionMethods.GZip : DecompressionMethods.None };
            using var client = new HttpClient(handler);
            using var response = await client.GetAsync(_address, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType!.ToString());
            Assert.Equal("frame-ancestors 'none'", Header("Content-Security-Policy"));
            Assert.Equal("nosniff", Header("X-Content-Type-Options"));
            Assert.Equal("no-referrer", Header("Referrer-Policy"));
            Assert.Equal("same-origin", Header("Cross-Origin-Opener-Policy"));
            Assert.Equal("same-origin", Header("Cross-Origin-Resource-Policy"));
            Assert.Equal("no-store", Header("Cache-Control"));
            var page = PageContents.OfPage(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            Assert.NotEmpty(page["sample.time"]);

            string Header(string name) => string.Join(", ", response.Headers.GetValues(name));
        }
    }

    [Fact]
    public void Only_who_knows_the_path_and_comes_from_no_other_site_gets_it()
    {
        string path = _address.AbsolutePath, host = _address.Authority, local = $"localhost:{_address.Port}";
        (string Request, string Answer)[] cases =
        [
            ($"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n", "200"),
            ($"GET {path} HTTP/1.1\r\nHost: {local}\r\n\r\n", "200"),
            ($"GET {path} HTTP/1.0\r\nHost: {host}\r\nOrigin: http://{host}\r\nSec-Fetch-Site: same-origin\r\n\r\n", "200"),
            ($"HEAD {path} HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: none\r\n\r\n", "200"),
            ($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n", "404"),
            ($"GET {path[..^2]}0/ HTTP/1.1\r\nHost: {host}\r\n\r\n", path[^2] == '0' ? "200" : "404"),
            ($"GET {path}x HTTP/1.1\r\nHost: {host}\r\n\r\n", "404"),
            ($"GET {path}?x HTTP/1.1\r\nHost: {host}\r\n\r\n", "404"),
            ($"GET {path} HTTP/1.1\r\nHost: evil.example\r\n\r\n", "421"),
            ($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "421"),
            ($"GET {path} HTTP/1.1\r\n\r\n", "421"),
            ($"GET {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://evil.example\r\n\r\n", "403"),
            ($"GET {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: null\r\n\r\n", "403"),
            ($"GET {path} HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: cross-site\r\n\r\n", "403"),
            ($"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\n\r\nhello", "405"),
            ($"OPTIONS {path} HTTP/1.1\r\nHost: {host}\r\n\r\n", "405"),
            ($"GET {path} HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n\r\n", "400"),
            ("\x16\x03\x01\x02\0\x01\r\n\r\n", "400"),
            ($"GET /{new string('a', 20_000)} HTTP/1.1\r\nHost: {host}\r\n\r\n", "400"),
        ];
        Assert.All(cases, one =>
        {
            string answer = Send(one.Request);
            Assert.StartsWith($"HTTP/1.1 {one.Answer} ", answer);
            Assert.Equal(one.Answer == "200" && one.Request.StartsWith("GET", StringComparison.Ordinal), answer.Contains("<!doctype html>", StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Clients_that_hang_or_go_away_keep_nobody_waiting()
    {
        var hanging = Enumerable.Range(0, 20).Select(_ => Connect()).ToList();
        foreach (var socket in hanging.Take(10))
        {
            socket.Send("GET / HT"u8);
        }

        hanging[0].Close(timeout: 0);
        string answer = Send($"GET {_address.AbsolutePath} HTTP/1.1\r\nHost: {_address.Authority}\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 OK", answer);
        hanging.ForEach(static socket => socket.Dispose());
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void A_signal_ends_it_without_a_failure(string signal)
    {
        new Tool { File = "kill" }.Run($"-{signal}", $"{_viperf.Id}").Succeeded();

        var result = Tool.Finish(_viperf);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("viperf view: the page is at this address, for this machine alone; Ctrl-C ends it", Assert.Single(result.ErrorLines));
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, _address.Port);
        return socket;
    }

    /// <summary>What is answered to bytes; the client sends no end.</summary>
    private string Send(string request)
    {
        using var socket = Connect();
        socket.ReceiveTimeout = 20_000;
        socket.Send(Encoding.Latin1.GetBytes(request));
        var answer = new MemoryStream();
        using var stream = new NetworkStream(socket);
        stream.CopyTo(answer);
        return Encoding.UTF8.GetString(answer.ToArray());
    }
}
