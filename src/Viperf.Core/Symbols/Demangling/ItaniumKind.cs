namespace Viperf.Core.Symbols.Demangling;

/// <summary>
/// What a node of an <see cref="ItaniumTree"/> is. A node has three numbers, A, B and C: nodes or other things, as each
/// kind says. Where a kind names a node, 0 means that there is none.
/// </summary>
internal enum ItaniumKind : byte
{
    /// <summary>No node: what parsing gives for text that is not well-formed.</summary>
    None,

    // Names

    /// <summary>A: where an identifier begins in the mangled text, B: its length.</summary>
    Identifier,

    /// <summary>A namespace without a name.</summary>
    AnonymousNamespace,

    /// <summary>A: index in <see cref="ItaniumWords.Standard"/>; B: 1 if written with all template arguments.</summary>
    Standard,

    /// <summary>A: index in <see cref="ItaniumWords.Standard"/>. The class alone, as its constructors are called.</summary>
    ClassNameOfStandard,

    /// <summary>A: scope, B: name.</summary>
    Qualified,

    /// <summary>A: the function's <see cref="Encoding"/>, B: name, or 0 for a string literal.</summary>
    Local,

    /// <summary>A: name in the default argument, B: number of the parameter, counted from 1.</summary>
    DefaultArgument,

    /// <summary>A: name, B: <see cref="List"/> of arguments.</summary>
    Template,

    /// <summary>A: number of the parameter, counted from 0.</summary>
    TemplateParameter,

    /// <summary>A: name of the class.</summary>
    Constructor,

    /// <summary>A: name of the class.</summary>
    Destructor,

    /// <summary>A: index in <see cref="ItaniumOperators.All"/>.</summary>
    Operator,

    /// <summary>A: type that it converts to.</summary>
    Conversion,

    /// <summary>A: suffix.</summary>
    LiteralOperator,

    /// <summary>A: name, B: how many operands it takes.</summary>
    VendorOperator,

    /// <summary>A: number, counted from 1.</summary>
    UnnamedType,

    /// <summary>A: <see cref="List"/> of parameters, B: number, counted from 1, C: <see cref="List"/> of template parameters, or 0.</summary>
    Lambda,

    /// <summary>A: name, B: tag.</summary>
    AbiTag,

    /// <summary>A: <see cref="List"/> of names.</summary>
    StructuredBinding,

    /// <summary>A: module around it or 0, B: name, C: 1 for partitions.</summary>
    Module,

    /// <summary>A: name, B: its <see cref="Module"/>.</summary>
    ModuleEntity,

    /// <summary>A: class, B: name. A friend function that its class defines.</summary>
    Friend,

    // Symbols

    /// <summary>A: name, B: <see cref="Function"/>, C: constraint, or 0.</summary>
    Encoding,

    /// <summary>A: index in <see cref="ItaniumWords.Special"/>, B: what it is made for, C: a second such thing, or 0.</summary>
    Special,

    /// <summary>A: number, B: name.</summary>
    ReferenceTemporary,

    /// <summary>A: name, B: where the suffix begins in the mangled text, C: its length.</summary>
    Clone,

    // Types

    /// <summary>A: index in <see cref="ItaniumWords.Builtin"/>.</summary>
    Builtin,

    /// <summary>A: where the digits begin, B: their number. A floating-point type of so many bits.</summary>
    FloatOfBits,

    /// <summary>A: number of bits as a node, B: 1 for unsigned.</summary>
    IntegerOfBits,

    /// <summary>A: pointee.</summary>
    Pointer,

    /// <summary>A: referee.</summary>
    LvalueReference,

    /// <summary>A: referee.</summary>
    RvalueReference,

    /// <summary>A: class, B: type of the member.</summary>
    PointerToMember,

    /// <summary>A: type.</summary>
    Complex,

    /// <summary>A: type.</summary>
    Imaginary,

    /// <summary>A: type of its elements, B: how many, or 0.</summary>
    Array,

    /// <summary>A: type of its elements, B: how many.</summary>
    Vector,

    /// <summary>A: type that is returned, or 0, B: <see cref="List"/> of parameters.</summary>
    Function,

    /// <summary>A: expression.</summary>
    Decltype,

    /// <summary>A: pattern.</summary>
    PackExpansion,

    // Qualifiers of types, of functions and, for functions without parameter lists, of names. A: what they qualify.
    Const,
    Volatile,
    Restrict,
    LvalueThis,
    RvalueThis,
    TransactionSafe,

    /// <summary>A: function type, B: condition, or 0.</summary>
    Noexcept,

    /// <summary>A: function type, B: <see cref="List"/> of types.</summary>
    Throw,

    /// <summary>A: type, B: the qualifier's name.</summary>
    VendorQualifier,

    // Template arguments and parameters

    /// <summary>A: first thing, or 0 in an empty list, B: the <see cref="List"/> of the others, or 0.</summary>
    List,

    /// <summary>A: <see cref="List"/> of arguments.</summary>
    ArgumentPack,

    /// <summary>A: 0.</summary>
    TypeParameter,

    /// <summary>A: type.</summary>
    ValueParameter,

    /// <summary>A: <see cref="List"/> of parameters.</summary>
    TemplateTemplateParameter,

    /// <summary>A: parameter.</summary>
    ParameterPack,

    /// <summary>A: <see cref="List"/>, B: constraint.</summary>
    Constrained,

    // Expressions

    /// <summary>A: type, B: where the value begins in the mangled text, C: its length; the value of a type, as 5 of int.</summary>
    Literal,

    /// <summary>As <see cref="Literal"/>, below 0.</summary>
    NegativeLiteral,

    /// <summary>A: number, counted from 0 for <c>this</c>.</summary>
    FunctionParameter,

    /// <summary>A: operator, B: operand.</summary>
    Unary,

    /// <summary>A: operator, B: operand that it stands behind.</summary>
    Postfix,

    /// <summary>A: operator, B and C: operands.</summary>
    Binary,

    /// <summary>A: condition, B and C: what it chooses between.</summary>
    Conditional,

    /// <summary>A: function, B: <see cref="List"/> of arguments.</summary>
    Call,

    /// <summary>A: type, B: <see cref="List"/> or expression.</summary>
    Cast,

    /// <summary>A: index in <see cref="ItaniumOperators.All"/>, B: type, C: expression.</summary>
    NamedCast,

    /// <summary>A: type or 0, B: <see cref="List"/> of expressions.</summary>
    Braces,

    /// <summary>A: <see cref="List"/> of placement arguments, B: type, C: initializer, or 0.</summary>
    New,

    /// <summary>A: <see cref="List"/> of arguments. An initializer in parentheses.</summary>
    Parentheses,

    /// <summary>A: letter of the fold, B: operator, C: <see cref="List"/> of the one or two operands.</summary>
    Fold,

    /// <summary>A: field, B: value. A designated initializer.</summary>
    FieldInitializer,

    /// <summary>A: index, B: value. A designated initializer.</summary>
    ElementInitializer,

    /// <summary>A: first index, B: last index, C: value. A designated initializer.</summary>
    RangeInitializer,

    /// <summary>A: what is counted.</summary>
    SizeOfPack,

    /// <summary>A: name, B: <see cref="List"/> of arguments.</summary>
    VendorExpression,

    /// <summary>A: <see cref="List"/> of parameters or 0, B: <see cref="List"/> of requirements.</summary>
    Requires,

    /// <summary>A: expression, B: 1 if it must not throw, C: constraint of its type, or 0.</summary>
    Requirement,

    /// <summary>A: type.</summary>
    TypeRequirement,

    /// <summary>A: constraint.</summary>
    NestedRequirement,
}
