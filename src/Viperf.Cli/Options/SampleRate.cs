using System.Globalization;
using Viperf.Core;
using Viperf.Core.Recording;

namespace Viperf.Cli.Options;

/// <summary>The value of <c>-F</c>: samples a second on each CPU.</summary>
internal static class SampleRate
{
    /// <summary>Reads a number, or <c>max</c> for the kernel's limit.</summary>
    /// <returns>The rate, or null where nothing was given.</returns>
    /// <exception cref="UserErrorException">It is neither.</exception>
    public static uint? Parse(string? text) => text switch
    {
        null => null,
        "max" => Recorder.FrequencyLimit(),
        _ => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint rate) && rate > 0
            ? rate
            : throw new UserErrorException(
                $"-F {text}: give a number of samples a second, or max", OptionGrammar.UsageError),
    };
}
