using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace QSim.Runner.CommandLine;

/// <summary>
/// Options whose value is a number, written as files write it: the library by itself groups digits
/// and takes 1,5 for 15.
/// </summary>
internal static class NumberOption
{
    /// <summary>One that has a value where it is left out.</summary>
    /// <param name="name">The option.</param>
    /// <param name="value">What stands for its value in help.</param>
    /// <param name="description">What it says.</param>
    /// <param name="usual">The value where it is left out.</param>
    public static Option<double> Of(string name, string value, string description, double usual) =>
        new(name)
        {
            Description = description,
            HelpName = value,
            CustomParser = result => Read(name, result) ?? usual,
            DefaultValueFactory = _ => usual,
        };

    /// <summary>One that may be left out.</summary>
    /// <param name="name">The option.</param>
    /// <param name="value">What stands for its value in help.</param>
    /// <param name="description">What it says.</param>
    public static Option<double?> Optional(string name, string value, string description) =>
        new(name)
        {
            Description = description,
            HelpName = value,
            CustomParser = result => Read(name, result),
        };

    private static double? Read(string name, ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (double.TryParse(
            text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
            return number;
        result.AddError($"{name} '{text}' is not a number (supported: as in 1.5)");
        return null;
    }
}
