namespace Viperf.Cli.Text;

/// <summary>One thing that <c>viperf doctor</c> found.</summary>
/// <param name="Verdict">What it means for a recording.</param>
/// <param name="Subject">What it is about, in a word or two.</param>
/// <param name="Fact">What was found.</param>
/// <param name="Meaning">What follows from it; empty where the fact says all.</param>
/// <param name="Remedies">What to type about it.</param>
internal sealed record Finding(
    Verdict Verdict, string Subject, string Fact, string Meaning = "", params string[] Remedies);

/// <summary>What a finding means for a recording.</summary>
internal enum Verdict
{
    /// <summary>As good as can be.</summary>
    Good,

    /// <summary>It works, but less well, or otherwise than one may think.</summary>
    Limited,

    /// <summary>With this <c>viperf run</c> does not work.</summary>
    Bad,

    /// <summary>It could not be found out.</summary>
    Unknown,
}
