using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Viperf.Core.Export.Rows;

/// <summary>A JSON object for each sample, each on a line of its own; the stack is an array of strings.</summary>
internal static class JsonLinesFormat
{
    private const int Nanosecond = 1_000_000_000;
    private const int FlushAt = 1 << 16;

    /// <summary>
    /// Names stay legible: what is dangerous in a page of HTML is harmless in a file of JSON. Control characters and everything
    /// else that ends lines for some reader are escaped all the same.
    /// </summary>
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>A stack, ready to be copied into rows.</summary>
    private sealed record Encoded(JsonEncodedText Kind, JsonEncodedText Function, JsonEncodedText File, int? Line, byte[] Stack);

    private static readonly JsonEncodedText s_time = JsonEncodedText.Encode(Columns.Time);
    private static readonly JsonEncodedText s_nanoseconds = JsonEncodedText.Encode(Columns.Nanoseconds);
    private static readonly JsonEncodedText s_event = JsonEncodedText.Encode(Columns.Event);
    private static readonly JsonEncodedText s_pid = JsonEncodedText.Encode(Columns.Pid);
    private static readonly JsonEncodedText s_tid = JsonEncodedText.Encode(Columns.Tid);
    private static readonly JsonEncodedText s_process = JsonEncodedText.Encode(Columns.Process);
    private static readonly JsonEncodedText s_thread = JsonEncodedText.Encode(Columns.Thread);
    private static readonly JsonEncodedText s_cpu = JsonEncodedText.Encode(Columns.Cpu);
    private static readonly JsonEncodedText s_period = JsonEncodedText.Encode(Columns.Period);
    private static readonly JsonEncodedText s_kind = JsonEncodedText.Encode(Columns.Kind);
    private static readonly JsonEncodedText s_function = JsonEncodedText.Encode(Columns.Function);
    private static readonly JsonEncodedText s_file = JsonEncodedText.Encode(Columns.File);
    private static readonly JsonEncodedText s_line = JsonEncodedText.Encode(Columns.Line);
    private static readonly JsonEncodedText s_stack = JsonEncodedText.Encode(Columns.Stack);

    /// <summary>Writes a profile.</summary>
    public static void Write(ExportSource source, Stream output)
    {
        var rows = new SampleRows<Encoded>(source, Encode);
        var eventName = Encode(ExportText.WellFormed(source.Event.Name));
        var buffer = new ArrayBufferWriter<byte>(FlushAt);
        using var writer = new Utf8JsonWriter(buffer, s_options);
        foreach (var row in rows.All)
        {
            WriteRow(writer, row, eventName, rows.StackOf(row));
            writer.Flush();
            writer.Reset();
            buffer.Write("\n"u8);
            if (buffer.WrittenCount >= FlushAt)
            {
                output.Write(buffer.WrittenSpan);
                buffer.ResetWrittenCount();
            }
        }

        output.Write(buffer.WrittenSpan);
    }

    private static void WriteRow(Utf8JsonWriter writer, in SampleRow row, JsonEncodedText eventName, Encoded stack)
    {
        writer.WriteStartObject();
        writer.WriteNumber(s_time, row.SinceFirst / (double)Nanosecond);
        writer.WriteNumber(s_nanoseconds, row.Time);
        writer.WriteString(s_event, eventName);
        writer.WriteNumber(s_pid, row.Thread.Pid);
        writer.WriteNumber(s_tid, row.Thread.Tid);
        writer.WriteString(s_process, ExportText.WellFormed(row.Thread.Process));
        writer.WriteString(s_thread, row.ThreadName);
        WriteNumber(writer, s_cpu, row.Cpu);
        writer.WriteNumber(s_period, row.Period);
        writer.WriteString(s_kind, stack.Kind);
        writer.WriteString(s_function, stack.Function);
        writer.WriteString(s_file, stack.File);
        WriteNumber(writer, s_line, stack.Line);
        writer.WritePropertyName(s_stack);
        writer.WriteRawValue(stack.Stack, skipInputValidation: true);
        writer.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter writer, JsonEncodedText name, int? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    private static Encoded Encode(StackText stack)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, s_options))
        {
            writer.WriteStartArray();
            foreach (string frame in stack.Frames)
            {
                writer.WriteStringValue(frame);
            }

            writer.WriteEndArray();
        }

        return new(Encode(stack.Kind), Encode(stack.Function), Encode(stack.File), stack.Line, buffer.WrittenSpan.ToArray());
    }

    private static JsonEncodedText Encode(string text) => JsonEncodedText.Encode(text, s_options.Encoder);
}
