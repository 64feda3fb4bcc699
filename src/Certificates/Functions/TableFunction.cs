using QSim.Certificates.Bounds;
using QSim.Kernels.Arithmetic;

namespace QSim.Certificates.Functions;

/// <summary>
/// A function by table, which need not keep any order: a raw value addresses an entry, monotone in
/// the raw value or not, and the entry is converted.
/// </summary>
/// <param name="address">The entry that a raw value addresses.</param>
/// <param name="isMonotone">Whether addresses only rise or only fall with the raw value.</param>
/// <param name="values">What each entry becomes.</param>
internal sealed class TableFunction(
    Func<long, int> address, bool isMonotone, long[] values) : ScalarFunction
{
    /// <summary>So many raw values are looked at where addresses jump.</summary>
    private const long MostEnumerated = 1 << 16;

    private readonly RangeTable _ranges = new(values);

    /// <inheritdoc/>
    protected override ConversionSpec? Fit => null;

    /// <inheritdoc/>
    public override long Apply(long x, ref ConversionEvents events) => values[address(x)];

    /// <inheritdoc/>
    public override bool KeepsOrder(Interval x) => x.IsPoint;

    /// <inheritdoc/>
    public override bool HasRanges => isMonotone;

    /// <inheritdoc/>
    public override Interval Range(Interval x, ref bool isLoose)
    {
        if (isMonotone)
        {
            Interval entries = Interval.Between(address(x.Low), address(x.High));
            return _ranges.Of((int)entries.Low, (int)entries.High);
        }

        if (x.High - x.Low is >= 0 and < MostEnumerated) return Enumerate(x);
        isLoose = true;
        return _ranges.Of(0, values.Length - 1);
    }
}
