using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Elementwise;

/// <summary>
/// A norm of each channel's float32 numbers, in the processor's own: its mean and variance once.
/// Numbers that are not sure are computed again the slow way.
/// </summary>
internal sealed unsafe class FloatNormStep(FloatNormLayer layer, StepPlace place) : Step
{
    // Far above a mean of squares that has fewer bits than others.
    private const float LeastSureEpsilon = 1e-20f;

    // Squares of smaller differences have fewer bits than others, and could decide a tie.
    private const float LeastSureDifference = 1.5e-19f;

    private readonly float _epsilon = OrderedFloat.Value(layer.Norm.Epsilon);
    private readonly float[] _factors = [.. layer.Factors.Select(f => OrderedFloat.Value(f))];
    private readonly float[] _shifts = [.. layer.Shifts.Select(s => OrderedFloat.Value(s))];

    public override void Run(Workspace workspace, ImageBlock block)
    {
        long* from = workspace.Tensor<long>(layer.Inputs[0], block.Images);
        long* to = workspace.Tensor<long>(place.OutputTensor, block.Images);
        int channels = place.Shape.Channels, count = _factors.Length;
        Door.Needs(
            place.Inputs[0].Length == place.Output.Length
                && place.Output.Length == channels * count);
        Span<float> row = count <= 1024 ? stackalloc float[count] : new float[count];
        for (int image = 0; image < block.Images; image++)
        {
            for (int c = 0; c < channels; c++)
            {
                for (int i = 0; i < count; i++)
                    row[i] = OrderedFloat.Value(from[(i * channels) + c]);
                Row(row, new(from + c, channels), to + c, channels);
            }

            from += place.Output.Length;
            to += place.Output.Length;
        }
    }

    private void Row(ReadOnlySpan<float> row, Numbers numbers, long* to, int step)
    {
        bool hasLanes = layer.Norm.Sum == FloatNormSum.Lanes;
        (float mean, float squares) = hasLanes ? InLanes(row) : OneByOne(row);
        float root = MathF.Sqrt((squares / row.Length) + _epsilon), inverse = 1 / root;
        bool isSure = _epsilon >= LeastSureEpsilon && squares < float.MaxValue
            && (mean == 0 || DynamicNumbers.IsSure(mean));
        FloatNormRow? slow = null;
        for (int i = 0; i < row.Length; i++)
        {
            float x = row[i] - mean;
            float unit = hasLanes ? x * inverse : x / root;
            float scaled = unit * _factors[i];
            float value = hasLanes
                ? MathF.FusedMultiplyAdd(unit, _factors[i], _shifts[i])
                : scaled + _shifts[i];
            to[i * step] = isSure && DynamicNumbers.IsSure(value) && DynamicNumbers.IsSure(unit)
                && DynamicNumbers.IsSure(scaled)
                ? OrderedFloat.Of(value)
                : (slow ??= layer.Norm.Of(numbers, row.Length)).Value(
                    numbers.At(i), layer.Factors[i], layer.Shifts[i]);
        }
    }

    private static (float Mean, float Squares) OneByOne(ReadOnlySpan<float> row)
    {
        float mean = 0, squares = 0;
        for (int i = 0; i < row.Length; i++)
        {
            float before = row[i] - mean;
            mean += before / (i + 1);
            float after = row[i] - mean;
            squares += before * after;
            // A mean that has fewer bits than others on the way makes the row one for the slow way.
            if ((mean != 0 && !DynamicNumbers.IsSure(mean)) || !IsSure(before) || !IsSure(after))
                return (float.NaN, 0);
        }

        return (mean, squares);
    }

    private static (float Mean, float Squares) InLanes(ReadOnlySpan<float> row)
    {
        Span<double> sums = stackalloc double[4];
        int whole = row.Length / 4 * 4;
        for (int i = 0; i < whole; i++) sums[i % 4] += row[i];
        double sum = (sums[0] + sums[2]) + (sums[1] + sums[3]);
        for (int i = whole; i < row.Length; i++) sum += row[i];
        float mean = (float)(sum / row.Length);

        // The order of additions is the result: every eighth square joins one sum.
        Span<float> lanes = stackalloc float[8];
        whole = row.Length / lanes.Length * lanes.Length;
        for (int i = 0; i < whole; i++)
        {
            float x = row[i] - mean;
            if (!IsSure(x)) return (float.NaN, 0);
            lanes[i % lanes.Length] = MathF.FusedMultiplyAdd(x, x, lanes[i % lanes.Length]);
        }

        float squares = ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6]))
            + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
        int fours = whole + ((row.Length - whole) / 4 * 4);
        for (int i = whole; i < row.Length; i++)
        {
            float x = row[i] - mean;
            if (!IsSure(x)) return (float.NaN, 0);
            squares = i < fours ? squares + (x * x) : MathF.FusedMultiplyAdd(x, x, squares);
        }

        return (mean, squares);
    }

    private static bool IsSure(float difference) =>
        difference == 0 || MathF.Abs(difference) >= LeastSureDifference;

    private readonly struct Numbers(long* first, int step) : IFloatPlane
    {
        public long At(int place) => first[place * step];
    }
}
