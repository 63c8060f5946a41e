using System.Buffers.Text;

namespace Viperf.Core.Export;

/// <summary>The page that shows profiles: a template, and where in it a profile's data goes.</summary>
public sealed class ViewerPage
{
    /// <summary>
    /// Bytes of one piece; without a rest when divided by 3, as base64 takes them. A browser gathers the text of an element in a buffer
    /// that grows, which takes as long again for megabytes as all else that it does to open the page.
    /// </summary>
    private const int PieceBytes = 48 * 1024;

    private static readonly byte[] s_place = [.. """<div id="profile" hidden>"""u8];

    private readonly byte[] _template;
    private readonly int _place;

    /// <summary>Takes a template.</summary>
    /// <param name="template">A page with one empty element for the data.</param>
    /// <exception cref="InvalidDataException">There is no such element, or there are several.</exception>
    public ViewerPage(byte[] template)
    {
        ArgumentNullException.ThrowIfNull(template);
        _template = template;
        _place = template.AsSpan().IndexOf(s_place) + s_place.Length;
        if (_place < s_place.Length || !template.AsSpan(_place).StartsWith("</div>"u8) || template.AsSpan(_place).IndexOf(s_place) >= 0)
        {
            throw new InvalidDataException("the page's template has no place for a profile");
        }
    }

    /// <summary>Writes the page with a profile. Nothing of the data but base64 gets into it, in elements that browsers do not run.</summary>
    /// <param name="data">What <see cref="ViewerData.Make"/> made.</param>
    /// <param name="output">Where to.</param>
    /// <param name="progress">Is told the part that is written, from 0 to 1.</param>
    public void Write(ReadOnlySpan<byte> data, Stream output, Action<double>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Write(_template.AsSpan(0, _place));
        Span<byte> text = new byte[Base64.GetMaxEncodedToUtf8Length(PieceBytes)];
        for (int start = 0; start < data.Length; start += PieceBytes)
        {
            Base64.EncodeToUtf8(data[start..Math.Min(start + PieceBytes, data.Length)], text, out _, out int written);
            output.Write("""<script type="application/octet-stream">"""u8);
            output.Write(text[..written]);
            output.Write("</script>"u8);
            progress?.Invoke((double)start / data.Length);
        }

        output.Write(_template.AsSpan(_place));
    }
}
