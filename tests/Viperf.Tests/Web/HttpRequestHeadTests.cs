using System.Text;
using Viperf.Cli.Web;
using Xunit;

namespace Viperf.Tests.Web;

public class HttpRequestHeadTests
{
    [Fact]
    public void A_request_is_taken_apart()
    {
        var head = Parse("GET /a/ HTTP/1.1\r\nHost: here:1\r\nACCEPT-Encoding:gzip\r\nAccept: a\r\nAccept: b")!;
        Assert.Equal(("GET", "/a/", "here:1", "gzip", "a, b"), (head.Method, head.Target, head["host"], head["Accept-Encoding"], head["Accept"]));
        Assert.Null(head["Origin"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET / HTTP/2\r\nHost: a")]
    [InlineData("GET  / HTTP/1.1")]
    [InlineData("GET http://a/ HTTP/1.1")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b")]
    [InlineData("GET / HTTP/1.1\r\nOrigin: a\r\norigin: b")]
    [InlineData("GET / HTTP/1.1\r\nHost : a")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n folded")]
    [InlineData("GET / HTTP/1.1\r\nno header")]
    [InlineData("GET / HTTP/1.1\nHost: a")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\nOrigin: b")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\0")]
    [InlineData("\x16\x03\x01")]
    public void What_readers_could_take_for_different_things_is_no_request(string text) => Assert.Null(Parse(text));

    private static HttpRequestHead? Parse(string text) => HttpRequestHead.Parse(Encoding.Latin1.GetBytes(text));
}
