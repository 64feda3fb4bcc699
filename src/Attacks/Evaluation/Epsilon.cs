using System.Globalization;

namespace QSim.Attacks.Evaluation;

/// <summary>
/// The size of a budget, as it was written and as a number: pixels run from 0 to 1, so 8 steps of
/// an 8-bit pixel are <c>8/255</c>.
/// </summary>
public readonly record struct Epsilon : IComparable<Epsilon>
{
    private readonly string? _text;

    /// <summary>An epsilon from a number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not a number.</exception>
    public Epsilon(double value) : this(value, value.ToString("R", CultureInfo.InvariantCulture))
    {
    }

    private Epsilon(double value, string text)
    {
        if (!(value >= 0))
            throw new ArgumentOutOfRangeException(nameof(value), value, "epsilon is at least 0");
        (Value, _text) = (value, text);
    }

    /// <summary>No bound: for attacks that look for the smallest change.</summary>
    public static Epsilon Unbounded { get; } = new(double.PositiveInfinity, "unbounded");

    /// <summary>The number.</summary>
    public double Value { get; }

    /// <summary>Reads <c>0.1</c>, <c>8/255</c> or <c>unbounded</c>.</summary>
    public static bool TryParse(string text, out Epsilon epsilon)
    {
        epsilon = Unbounded;
        string trimmed = text.Trim();
        if (trimmed == Unbounded._text) return true;
        string[] parts = trimmed.Split('/');
        if (parts.Length > 2 || !TryNumber(parts[0], out double value)) return false;
        if (parts.Length == 2)
        {
            if (!TryNumber(parts[1], out double divisor) || divisor == 0) return false;
            value /= divisor;
        }

        epsilon = new(value, trimmed);
        return true;
    }

    /// <summary>Reads what <see cref="TryParse"/> does.</summary>
    /// <exception cref="FormatException">It is none of these.</exception>
    public static Epsilon Parse(string text) => TryParse(text, out Epsilon epsilon)
        ? epsilon
        : throw new FormatException($"'{text}' is not an epsilon (write 8/255, 0.1 or unbounded)");

    /// <inheritdoc/>
    public int CompareTo(Epsilon other) => Value.CompareTo(other.Value);

    /// <summary>Two are equal when their values are, however they were written.</summary>
    public bool Equals(Epsilon other) => Value == other.Value;

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode();

    /// <summary>As it was written.</summary>
    public override string ToString() => _text ?? "0";

    private static bool TryNumber(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
        && value >= 0 && double.IsFinite(value);
}
