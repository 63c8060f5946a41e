using System.Buffers.Binary;
using System.Text;
using Xunit;

namespace Viperf.EndToEnd.Agent;

/// <summary>A jitdump, read by the letter of its specification, so that each record must be whole.</summary>
internal static class JitDumpFile
{
    private const int HeaderBytes = 40, PrefixBytes = 16, LoadBytes = 40;

    /// <summary>The names of its functions, a char a byte, in the file's order.</summary>
    public static string[] Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        Assert.Equal(0x4A695444u, BinaryPrimitives.ReadUInt32LittleEndian(file));
        var names = new List<string>();
        var indexes = new HashSet<ulong>();
        for (int at = HeaderBytes; at < file.Length;)
        {
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at));
            int size = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 4));
            Assert.InRange(size, PrefixBytes, file.Length - at);
            if (type == 0)
            {
                var load = file.AsSpan(at + PrefixBytes, size - PrefixBytes);
                int end = load[LoadBytes..].IndexOf((byte)0);
                Assert.Equal(BinaryPrimitives.ReadUInt64LittleEndian(load[24..]), (ulong)(load.Length - LoadBytes - end - 1));
                Assert.True(indexes.Add(BinaryPrimitives.ReadUInt64LittleEndian(load[32..])), "two functions with one number");
                names.Add(Encoding.Latin1.GetString(load.Slice(LoadBytes, end)));
            }

            at += size;
        }

        return [.. names];
    }

    /// <summary>A name with the directory of its file left out.</summary>
    public static string WithoutDirectory(string name)
    {
        int colon = name.LastIndexOf(':');
        return $"{name[..colon]}:{Path.GetFileName(name[(colon + 1)..])}";
    }
}
