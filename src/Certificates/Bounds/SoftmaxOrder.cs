using QSim.Certificates.Functions;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Bounds;

/// <summary>
/// What the order of a softmax's inputs says of that of its outputs: all outputs share one sum, so
/// that where tables rise, and the last step keeps order, no output exceeds that of a larger input.
/// Equal ones may come of inputs that are not equal.
/// </summary>
internal sealed class SoftmaxOrder
{
    private const int MostBits = 16;
    private const long MostLooks = 1 << 20;

    private readonly SoftmaxLayer _layer;

    /// <summary>By what addresses the table, exponentials; of a latency softmax reversed.</summary>
    private readonly long[] _falling;

    private SoftmaxOrder(SoftmaxLayer layer, long[] falling) =>
        (_layer, _falling) = (layer, falling);

    /// <summary>The order that a layer keeps; null where it keeps none.</summary>
    public static SoftmaxOrder? Of(SoftmaxLayer layer)
    {
        // Of gemmlowp's reciprocals nobody has proved that they are not negative.
        if (layer.Input.Bits > MostBits || layer.Output.Shape.Positions != 1
            || layer.Kind == SoftmaxKind.Gemmlowp)
            return null;
        long count = (long)layer.Input.MaxRaw - layer.Input.MinRaw + 1;
        var order = new SoftmaxOrder(
            layer, [.. Enumerable.Range(0, (int)count).Select(d => Exponential(layer, d))]);
        bool falls = Enumerable.Range(1, order._falling.Length - 1)
            .All(d => order._falling[d] <= order._falling[d - 1]);
        return falls && order._falling[^1] >= 0 && order.KeepsShares() ? order : null;
    }

    /// <summary>
    /// The least difference of two inputs that makes outputs differ, whatever the reciprocal and
    /// the larger input are; null where none does.
    /// </summary>
    /// <param name="larger">What addresses the table for the larger input.</param>
    /// <param name="reciprocals">What the sum's reciprocal may be.</param>
    public long? StrictGap(Interval larger, ReadOnlySpan<int> reciprocals)
    {
        Interval d = _layer.Kind == SoftmaxKind.Latency
            ? new(_layer.Input.MaxRaw - larger.High, _layer.Input.MaxRaw - larger.Low)
            : larger;
        d = d.And(new(0, _falling.Length - 1));
        if ((d.High - d.Low + 1) * reciprocals.Length > MostLooks || d.Low > d.High) return null;
        long yes = _falling.Length, no = 0;
        while (yes - no > 1)
        {
            long gap = (yes + no) / 2;
            if (Differ(d, gap, reciprocals)) yes = gap;
            else no = gap;
        }

        return yes;
    }

    /// <summary>Whether outputs of inputs that far apart always differ.</summary>
    private bool Differ(Interval larger, long gap, ReadOnlySpan<int> reciprocals)
    {
        for (long d = larger.Low; d <= larger.High && d + gap < _falling.Length; d++)
            foreach (int reciprocal in reciprocals)
                if (Output(_falling[d], reciprocal) == Output(_falling[d + gap], reciprocal))
                    return false;
        return true;
    }

    private long Output(long exponential, long reciprocal)
    {
        var events = ConversionEvents.None;
        return Conversion.Convert(exponential * reciprocal, _layer.Product, ref events);
    }

    /// <summary>
    /// Whether the last step rises with the exponential: quotients do, products with what is not
    /// negative do, and the fit into the output saturates.
    /// </summary>
    private bool KeepsShares() =>
        ScalarFunction.Saturates(_layer.Product) && _layer.InverseTable.All(r => r >= 0);

    private static long Exponential(SoftmaxLayer layer, int distance)
    {
        if (layer.Divides) return layer.ExpTable[distance];
        var events = ConversionEvents.None;
        long address = layer.Kind == SoftmaxKind.Latency
            ? layer.Input.MaxRaw - distance
            : Conversion.Convert(distance, layer.Difference, ref events);
        long entry = layer.ExpTable[
            SoftmaxLayer.TopBits(address, layer.AddressBits, layer.ExpTable.Length)];
        return Conversion.Convert(entry, layer.Exponential, ref events);
    }
}
