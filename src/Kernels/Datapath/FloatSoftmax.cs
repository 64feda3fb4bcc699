using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// A softmax over all float32 numbers of a tensor (<see cref="FloatSoftmax"/>).
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">The input's shape, of one position.</param>
internal sealed record FloatSoftmaxLayer(string Name, ImmutableArray<int> Inputs, TensorType Output)
    : ProgramLayer(Name, Inputs, Output)
{
    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => null;

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs is not [{ IsFloat32: true } numbers] || numbers != Output
        || Output.Shape.Positions != 1
            ? "is a softmax over one row of float32 numbers and keeps their shape"
            : null;

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) =>
        FloatLayerRanges.Of(Output, canBeNegative: false, canBePositive: true);
}

/// <summary>
/// <c>exp(x - max) (1 / S)</c>, S the sum of those exponentials, as ONNX Runtime computes it where
/// the processor has fused multiply-adds (x64 with FMA3): a polynomial, and a sum in eight lanes,
/// every eighth number into one, <c>((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))</c>.
/// </summary>
internal static class FloatSoftmax
{
    /// <summary>How many sums there are.</summary>
    public const int Lanes = 8;

    private const float Least = -88.3762626647949f;
    private const float E6 = 1.37805939e-3f, E5 = 8.37312452e-3f, E4 = 4.16695364e-2f,
        E3 = 1.66664720e-1f, E2 = 4.99999851e-1f;

    /// <summary>What all numbers of a row share.</summary>
    /// <param name="numbers">Raw numbers, as <see cref="OrderedFloat"/> has them.</param>
    /// <param name="count">How many.</param>
    public static FloatSoftmaxRow Of<TPlane>(TPlane numbers, int count)
        where TPlane : struct, IFloatPlane
    {
        long largest = numbers.At(0);
        for (int i = 1; i < count; i++)
        {
            long number = numbers.At(i);
            largest = number > largest ? number : largest;
        }

        return new(
            largest, Binary32.Divide(Binary32.OfInteger(1), Sum(numbers, count, largest)));
    }

    /// <summary>exp(x - largest) in the processor's float32.</summary>
    public static float FastExponential(float x, float largest) =>
        FusedExponential.Fast(Math.Max(x - largest, Least), E6, E5, E4, E3, E2);

    /// <summary>
    /// The sums put together two by two. A loop, since a GPU's compiler copies what it calls to
    /// every place that calls it, and an exponential is long.
    /// </summary>
    private static Binary32 Sum<TPlane>(TPlane numbers, int count, long largest)
        where TPlane : struct, IFloatPlane
    {
        Binary32 one = default, two = default, four = default;
        for (int lane = 0; lane < Lanes; lane++)
        {
            Binary32 sum = InLane(numbers, count, largest, lane);
            if (lane % 2 == 0)
            {
                one = sum;
                continue;
            }

            sum = Binary32.Add(one, sum);
            if (lane % 4 == 1)
            {
                two = sum;
                continue;
            }

            sum = Binary32.Add(two, sum);
            four = lane == 3 ? sum : Binary32.Add(four, sum);
        }

        return four;
    }

    private static Binary32 InLane<TPlane>(TPlane numbers, int count, long largest, int lane)
        where TPlane : struct, IFloatPlane
    {
        Binary32 sum = default;
        for (int i = lane; i < count; i += Lanes)
            sum = Binary32.Add(sum, Exponential(numbers.At(i), largest));
        return sum;
    }

    /// <summary>exp(x - largest) of a raw number.</summary>
    public static Binary32 Exponential(long raw, long largest)
    {
        long least = OrderedFloat.Of(FusedExponential.Number(Least));
        long moved = OrderedFloat.Of(Binary32.Add(
            OrderedFloat.Number(raw), OrderedFloat.Number(-largest)));
        return FusedExponential.Of(
            OrderedFloat.Number(moved < least ? least : moved), E6, E5, E4, E3, E2);
    }
}

/// <summary>A row's softmax once its sum is known. Blittable.</summary>
/// <param name="Largest">The largest number.</param>
/// <param name="Scale">1 over the sum of the exponentials.</param>
internal readonly record struct FloatSoftmaxRow(long Largest, Binary32 Scale)
{
    /// <summary>A number's share.</summary>
    public long Share(long raw) => OrderedFloat.Of(
        Binary32.Multiply(FloatSoftmax.Exponential(raw, Largest), Scale));
}
