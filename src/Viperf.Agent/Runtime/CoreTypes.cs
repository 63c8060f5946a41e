// The agent is compiled without .NET's libraries and without its runtime: these are the types that the C# compiler and
// the ahead-of-time compiler ask for. Nothing here allocates; there are no strings, arrays, exceptions or boxes at run
// time, though the compilers want to know of them.
namespace System
{
    public class Object
    {
    }

    public abstract class ValueType
    {
    }

    public abstract class Enum : ValueType
    {
    }

    public class Attribute
    {
    }

    public class Exception
    {
    }

    public abstract class Delegate
    {
    }

    public abstract class MulticastDelegate : Delegate
    {
    }

    public abstract class Array
    {
    }

    public sealed class String
    {
        public readonly int Length;
    }

    public struct Void
    {
    }

    public struct Boolean
    {
    }

    public struct Char
    {
    }

    public struct SByte
    {
    }

    public struct Byte
    {
    }

    public struct Int16
    {
    }

    public struct UInt16
    {
    }

    public struct Int32
    {
    }

    public struct UInt32
    {
    }

    public struct Int64
    {
    }

    public struct UInt64
    {
    }

    public struct IntPtr
    {
    }

    public struct UIntPtr
    {
    }

    public struct Single
    {
    }

    public struct Double
    {
    }

    public struct RuntimeTypeHandle
    {
    }

    public struct RuntimeMethodHandle
    {
    }

    public struct RuntimeFieldHandle
    {
    }

    /// <summary>What <c>"text"u8</c> is: bytes in the library's read-only data, with a zero byte behind them.</summary>
    public readonly unsafe ref struct ReadOnlySpan<T>
    {
        private readonly void* _first;

        public ReadOnlySpan(void* first, int length)
        {
            _first = first;
            Length = length;
        }

        /// <summary>The compiler looks for these two and never calls them here: there are no arrays.</summary>
        public ReadOnlySpan(T[] array)
            : this(null, 0)
        {
        }

        public ReadOnlySpan(T[] array, int start, int length)
            : this(null, 0)
        {
        }

        public int Length { get; }

        public byte* Pointer => (byte*)_first;
    }

    /// <summary>What copies of large structs are compiled to. Word by word: handlers make some for every sample.</summary>
    internal static unsafe class SpanHelpers
    {
        internal static void Memmove(ref byte to, ref byte from, nuint count)
        {
            fixed (byte* target = &to, source = &from)
            {
                nuint i = 0;
                for (; i + sizeof(ulong) <= count; i += sizeof(ulong))
                {
                    *(ulong*)(target + i) = *(ulong*)(source + i);
                }

                for (; i < count; i++)
                {
                    target[i] = source[i];
                }
            }
        }

        internal static void Fill(ref byte to, byte value, nuint count)
        {
            const ulong inEachByte = 0x0101_0101_0101_0101;
            fixed (byte* target = &to)
            {
                nuint i = 0;
                for (; i + sizeof(ulong) <= count; i += sizeof(ulong))
                {
                    *(ulong*)(target + i) = value * inEachByte;
                }

                for (; i < count; i++)
                {
                    target[i] = value;
                }
            }
        }

        internal static void ClearWithoutReferences(ref byte to, nuint count) => Fill(ref to, 0, count);
    }

    internal static class Buffer
    {
        internal static void Memmove(ref byte to, ref byte from, nuint count) => SpanHelpers.Memmove(ref to, ref from, count);
    }
}
