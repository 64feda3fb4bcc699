using QSim.Certificates.Bounds;

namespace QSim.Certificates.Linear;

/// <summary>
/// What a search is free to choose for each form: mixtures of two lines, which are lines again, and
/// multiples of limits on arguments, which are not negative within the limits (the betas of
/// beta-CROWN, Wang et al., 2021). Whatever is chosen, bounds hold.
/// </summary>
/// <param name="layers">How many layers there are.</param>
/// <param name="rows">How many forms.</param>
internal sealed class RowTerms(int layers, int rows)
{
    /// <summary>Second lines, by layer and output; null for none.</summary>
    public LinePair[]?[] Others { get; } = new LinePair[layers][];

    /// <summary>The share of the second lower line, by layer, [output][row], 0..1.</summary>
    public double[]?[] LowShares { get; } = new double[layers][];

    /// <summary>The share of the second upper line.</summary>
    public double[]?[] HighShares { get; } = new double[layers][];

    /// <summary>
    /// What multiples of limits add to the coefficients of arguments: less than 0 for upper limits.
    /// </summary>
    public double[]?[] Limits { get; } = new double[layers][];

    /// <summary>The signs that values' coefficients had, for whoever follows the lines.</summary>
    public double[]?[] Values { get; } = new double[layers][];

    /// <summary>Whether a layer has any terms.</summary>
    public bool Has(int layer) => Limits[layer] is not null;

    /// <summary>The lines of an output as they are mixed for a row.</summary>
    public LinePair Mixed(LinePair line, int layer, int output, int row)
    {
        int at = (output * rows) + row;
        LinePair other = Others[layer]?[output] ?? line;
        return new(
            Mix(line.Low, other.Low, LowShares[layer]?[at] ?? 0),
            Mix(line.High, other.High, HighShares[layer]?[at] ?? 0));

        static Line Mix(Line one, Line two, double share) => new(
            one.Slope + (share * (two.Slope - one.Slope)),
            one.Offset + (share * (two.Offset - one.Offset)));
    }

    /// <summary>Values of a tensor become arguments, each row by its own lines.</summary>
    public void Substitute(BackwardPass pass, Stage stage, LinePair[] lines, int layer)
    {
        double[] coefficients = pass.Of(layer + 1);
        double[] values = Values[layer] ??= new double[coefficients.Length];
        coefficients.CopyTo(values, 0);
        LinePair[]? others = Others[layer];
        double[]? limits = Limits[layer];
        for (int i = 0; i < lines.Length; i++)
        {
            LinePair line = lines[i], other = others?[i] ?? line;
            double size = Math.Max(
                Math.Abs((double)stage.Argument.Low[i]), Math.Abs((double)stage.Argument.High[i]));
            for (int r = 0, at = i * rows; r < rows; r++, at++)
            {
                double value = values[at];
                double limit = limits?[at] ?? 0;
                if (value == 0)
                {
                    coefficients[at] = limit;
                    continue;
                }

                (Line one, Line two, double share) = value > 0
                    ? (line.High, other.High, HighShares[layer]?[at] ?? 0)
                    : (line.Low, other.Low, LowShares[layer]?[at] ?? 0);
                double slope = one.Slope + (share * (two.Slope - one.Slope)),
                    offset = one.Offset + (share * (two.Offset - one.Offset));
                pass.Constant[r] += value * offset;
                // What the mixture's own rounding may come to is relative to these terms.
                pass.Absolute[r] += Math.Abs(value)
                    * (Math.Abs(one.Offset) + Math.Abs(two.Offset)
                        + (size * (Math.Abs(one.Slope) + Math.Abs(two.Slope))));
                pass.Absolute[r] += size * (Math.Abs(value * slope) + Math.Abs(limit));
                coefficients[at] = (value * slope) + limit;
            }
        }
    }
}
