using Viperf.Core.Profiles;
using Viperf.Core.Symbols;

namespace Viperf.Core.Pipeline;

/// <summary>Puts the functions that the compiler inlined into stacks, as if they had been called.</summary>
internal static class InlineExpansion
{
    /// <summary>Makes the profile's stacks anew.</summary>
    /// <param name="profile">A profile whose frames were all looked up.</param>
    /// <param name="symbolizer">Knows what was inlined where.</param>
    public static void Apply(Profile profile, Symbolizer symbolizer)
    {
        symbolizer.FinishSources();
        profile.Restack((stacks, callers, frame) =>
        {
            var functions = symbolizer.FunctionsAt(profile, frame);
            if (functions.IsEmpty)
            {
                return stacks.Intern(callers, frame);
            }

            foreach (int function in functions)
            {
                callers = stacks.Intern(callers, function);
            }

            return callers;
        });
    }
}
