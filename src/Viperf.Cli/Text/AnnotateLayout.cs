namespace Viperf.Cli.Text;

/// <summary>How annotated source is printed.</summary>
internal sealed record AnnotateLayout
{
    /// <summary>Columns of the terminal; lines that are longer are cut.</summary>
    public int Width { get; init; } = int.MaxValue;

    /// <summary>Whether what costs much is coloured.</summary>
    public bool Colors { get; init; }

    /// <summary>Whether instructions stand below their lines.</summary>
    public bool Instructions { get; init; }

    /// <summary>Whether callers stand below lines.</summary>
    public bool Callers { get; init; }
}
