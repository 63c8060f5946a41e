// Attributes that the compilers read; none of them does anything at run time.
[module: System.Runtime.CompilerServices.SkipLocalsInit]

namespace System
{
    public enum AttributeTargets
    {
        All = 0x7fff,
    }

    public sealed class AttributeUsageAttribute(AttributeTargets validOn) : Attribute
    {
        public AttributeTargets ValidOn => validOn;

        public bool AllowMultiple { get; set; }

        public bool Inherited { get; set; }
    }

    public sealed class ParamArrayAttribute : Attribute
    {
    }
}

namespace System.Reflection
{
    public sealed class DefaultMemberAttribute : Attribute
    {
        public DefaultMemberAttribute(string memberName)
        {
        }
    }
}

namespace System.Runtime
{
    /// <summary>Gives a static method the name of a C symbol, the C calling convention and no transition.</summary>
    internal sealed class RuntimeExportAttribute : Attribute
    {
        public RuntimeExportAttribute(string name)
        {
        }
    }

    /// <summary>Binds a static method to a C symbol.</summary>
    internal sealed class RuntimeImportAttribute : Attribute
    {
        public RuntimeImportAttribute(string name)
        {
        }
    }
}

namespace System.Runtime.CompilerServices
{
    public static class RuntimeHelpers
    {
        public static int OffsetToStringData => sizeof(long) + sizeof(int);
    }

    public static class RuntimeFeature
    {
        public const string ByRefFields = nameof(ByRefFields);
        public const string NumericIntPtr = nameof(NumericIntPtr);
        public const string UnmanagedSignatureCallingConvention = nameof(UnmanagedSignatureCallingConvention);
    }

    public enum MethodImplOptions
    {
        NoInlining = 0x8,
        AggressiveInlining = 0x100,
        InternalCall = 0x1000,
    }

    public sealed class MethodImplAttribute(MethodImplOptions options) : Attribute
    {
        public MethodImplOptions Value => options;
    }

    public sealed class IsReadOnlyAttribute : Attribute
    {
    }

    public sealed class IsByRefLikeAttribute : Attribute
    {
    }

    public sealed class CompilerGeneratedAttribute : Attribute
    {
    }

    public sealed class UnsafeValueTypeAttribute : Attribute
    {
    }

    /// <summary>Memory on the stack is not cleared before it is used.</summary>
    public sealed class SkipLocalsInitAttribute : Attribute
    {
    }

    public sealed class FixedBufferAttribute : Attribute
    {
        public FixedBufferAttribute(object elementType, int length)
        {
        }
    }

    public static class IsExternalInit
    {
    }

    public sealed class CallConvCdecl
    {
    }

    public sealed class CallConvSuppressGCTransition
    {
    }
}

namespace System.Runtime.InteropServices
{
    public enum LayoutKind
    {
        Sequential,
        Explicit = 2,
        Auto,
    }

    public enum CharSet
    {
        Ansi = 2,
    }

    public enum UnmanagedType
    {
        U1 = 4,
    }

    public sealed class StructLayoutAttribute(LayoutKind layout) : Attribute
    {
        public int Pack;
        public int Size;
        public CharSet CharSet;

        public LayoutKind Value => layout;
    }

    public sealed class FieldOffsetAttribute(int offset) : Attribute
    {
        public int Value => offset;
    }

    public sealed class InAttribute : Attribute
    {
    }

    public sealed class UnmanagedCallersOnlyAttribute : Attribute
    {
        public string EntryPoint;
    }
}
