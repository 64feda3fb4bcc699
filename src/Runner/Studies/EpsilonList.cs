using System.Globalization;
using QSim.Attacks.Evaluation;

namespace QSim.Runner.Studies;

/// <summary>Budgets as users write them.</summary>
internal static class EpsilonList
{
    /// <summary>No image has so many pixels: a budget that allows every change is less.</summary>
    private const int Most = 1_000_000_000;

    /// <summary>
    /// Budgets for those who name none, up to where nothing stands: in steps of an 8-bit pixel
    /// under L-infinity; under L2 and L1 for images of the size of digits.
    /// </summary>
    public static IReadOnlyList<Epsilon> Default(Norm norm) =>
        Parse(
            norm,
            norm switch
            {
                Norm.Linf =>
                    "4/255,8/255,16/255,24/255,32/255,48/255,64/255,96/255,128/255,192/255,255/255",
                Norm.L2 => "0.125,0.25,0.5,0.75,1,1.5,2,3,4,6,8",
                Norm.L1 => "0.5,1,2,3,4,6,8,12,16,32,64",
            });

    /// <summary>
    /// Reads several, separated by commas, and puts them in ascending order without repetitions.
    /// </summary>
    /// <exception cref="RequestException">One is invalid, or too large for the norm.</exception>
    public static IReadOnlyList<Epsilon> Parse(Norm norm, params IEnumerable<string> texts) =>
        Of(
            texts
                .SelectMany(t =>
                    t.Split(
                        ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                )
                .Select(t => ParseOne(t, norm)));

    /// <summary>Ascending, without repetitions.</summary>
    public static IReadOnlyList<Epsilon> Of(IEnumerable<Epsilon> epsilons) =>
        [.. epsilons.Distinct().Order()];

    /// <summary>Reads one.</summary>
    /// <exception cref="RequestException">It is invalid, or too large for the norm.</exception>
    public static Epsilon ParseOne(string text, Norm norm = Norm.Linf) =>
        Epsilon.TryParse(text, out Epsilon epsilon)
        && double.IsFinite(epsilon.Value)
        && epsilon.Value <= (norm == Norm.Linf ? 1 : Most)
            ? epsilon
            : throw new RequestException(
                norm == Norm.Linf
                    ? $"'{text}' is not a valid epsilon; for 0-255 pixels write {Of255(text)} "
                        + "(supported: 0..1, a number or a fraction)"
                    : $"'{text}' is not a valid epsilon (supported under {EnumWord.Of(norm)}: "
                        + $"0..{Most}, as in 0.5 or 3/2)");

    /// <summary>What was meant where somebody counts pixels to 255; otherwise an example.</summary>
    private static string Of255(string text) =>
        int.TryParse(text, CultureInfo.InvariantCulture, out int levels) && levels is > 1 and <= 255
            ? $"{levels}/255"
            : "8/255";
}
