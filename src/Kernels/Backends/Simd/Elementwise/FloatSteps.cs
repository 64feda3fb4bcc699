using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Elementwise;

/// <summary>The product of two tensors of float32 numbers, in the processor's own.</summary>
internal sealed unsafe class FloatMultiplyStep(FloatMultiplyLayer layer, StepPlace place) : Step
{
    public override void Run(Workspace workspace, ImageBlock block)
    {
        long* first = workspace.Tensor<long>(layer.Inputs[0], block.Images);
        long* second = workspace.Tensor<long>(layer.Inputs[1], block.Images);
        long* to = workspace.Tensor<long>(place.OutputTensor, block.Images);
        Door.Needs(place.Inputs.All(i => i.Length == place.Output.Length));
        long count = (long)block.Images * place.Output.Length;
        for (long i = 0; i < count; i++)
        {
            float product = OrderedFloat.Value(first[i]) * OrderedFloat.Value(second[i]);
            to[i] = DynamicNumbers.IsSure(product)
                ? OrderedFloat.Of(product)
                : FloatMultiplyLayer.Product(first[i], second[i]);
        }
    }
}

/// <summary>The quotient of two tensors of float32 numbers, in the processor's own.</summary>
internal sealed unsafe class FloatDivideStep(FloatDivideLayer layer, StepPlace place) : Step
{
    public override void Run(Workspace workspace, ImageBlock block)
    {
        long* first = workspace.Tensor<long>(layer.Inputs[0], block.Images);
        long* second = workspace.Tensor<long>(layer.Inputs[1], block.Images);
        long* to = workspace.Tensor<long>(place.OutputTensor, block.Images);
        Door.Needs(place.Inputs.All(i => i.Length == place.Output.Length));
        long count = (long)block.Images * place.Output.Length;
        for (long i = 0; i < count; i++)
        {
            float quotient = OrderedFloat.Value(first[i]) / OrderedFloat.Value(second[i]);
            // Quotients by 0 are never sure.
            to[i] = DynamicNumbers.IsSure(quotient)
                ? OrderedFloat.Of(quotient)
                : FloatDivideLayer.Quotient(first[i], second[i]);
        }
    }
}

/// <summary>A function of each float32 number, in the processor's own.</summary>
internal sealed unsafe class FloatPointStep(FloatPointLayer layer, StepPlace place) : Step
{
    private readonly float _a = OrderedFloat.Value(layer.A), _b = OrderedFloat.Value(layer.B);

    public override void Run(Workspace workspace, ImageBlock block)
    {
        long* from = workspace.Tensor<long>(layer.Inputs[0], block.Images);
        long* to = workspace.Tensor<long>(place.OutputTensor, block.Images);
        Door.Needs(place.Inputs[0].Length == place.Output.Length);
        long count = (long)block.Images * place.Output.Length;
        for (long i = 0; i < count; i++)
        {
            float value = FloatFunctions.Fast(
                layer.Function, _a, _b, OrderedFloat.Value(from[i]));
            // NaN stands for results that the processor may have rounded otherwise.
            to[i] = float.IsNaN(value)
                ? FloatFunctions.Value(layer.Function, layer.A, layer.B, from[i])
                : OrderedFloat.Of(value);
        }
    }
}

/// <summary>A factor and a shift of each channel, in the processor's own float32.</summary>
internal sealed unsafe class FloatAffineStep(FloatAffineLayer layer, StepPlace place) : Step
{
    private readonly float[] _factors = [.. layer.Factors.Select(f => OrderedFloat.Value(f))];
    private readonly float[] _shifts = [.. layer.Shifts.Select(s => OrderedFloat.Value(s))];

    public override void Run(Workspace workspace, ImageBlock block)
    {
        long* from = workspace.Tensor<long>(layer.Inputs[0], block.Images);
        long* to = workspace.Tensor<long>(place.OutputTensor, block.Images);
        int channels = place.Shape.Channels;
        Door.Needs(
            place.Inputs[0].Length == place.Output.Length && _factors.Length == channels
            && _shifts.Length == channels);
        bool divides = layer.Scaling == FloatScaling.Quotient;
        long count = (long)block.Images * place.Output.Length;
        int c = 0;
        for (long i = 0; i < count; i++)
        {
            float x = OrderedFloat.Value(from[i]);
            float scaled = divides ? x / _factors[c] : x * _factors[c], sum = scaled + _shifts[c];
            to[i] = DynamicNumbers.IsSure(scaled) && DynamicNumbers.IsSure(sum)
                ? OrderedFloat.Of(sum)
                : FloatAffineLayer.Value(layer.Scaling, layer.Factors[c], layer.Shifts[c], from[i]);

            // Channels lie innermost.
            if (++c == channels) c = 0;
        }
    }
}

/// <summary>
/// Means of float32 numbers, in the processor's own. Where some sum was not sure, the window is
/// summed again the slow way.
/// </summary>
internal sealed unsafe class FloatAverageStep(FloatAverageLayer layer, StepPlace place) : Step
{
    private const int Lanes = 4;
    private readonly FloatMean _mean = layer.Mean;

    public override void Run(Workspace workspace, ImageBlock block)
    {
        long* from = workspace.Tensor<long>(layer.Inputs[0], block.Images);
        long* to = workspace.Tensor<long>(place.OutputTensor, block.Images);
        int channels = layer.Input.Channels, length = layer.Input.Length;
        Door.Needs(
            place.Inputs[0].Length == length && place.Output.Length == layer.Output.Shape.Length);
        for (int image = 0; image < block.Images; image++, from += length)
            for (int position = 0; position < layer.Output.Shape.Positions; position++)
                for (int c = 0; c < channels; c++)
                {
                    var plane = new Plane(from + c, channels);
                    float mean = Mean(plane, c, position);
                    *to++ = float.IsNaN(mean)
                        ? _mean.At(plane, c, position)
                        : OrderedFloat.Of(mean);
                }
    }

    /// <summary>The mean, or NaN.</summary>
    private float Mean(Plane plane, int channel, int position)
    {
        int row = position / _mean.Columns.Output, column = position % _mean.Columns.Output;
        int rows = _mean.Rows.Count(row), columns = _mean.Columns.Count(column);
        var sum = new SureSum();
        if (_mean.Order is FloatSum.Lanes or FloatSum.Aligned)
            Whole(ref sum, plane, channel, rows * columns);
        else
        {
            int top = _mean.Rows.First(row), left = _mean.Columns.First(column);
            for (int i = 0; i < rows * columns;)
            {
                var part = new SureSum();
                for (int end = i + _mean.Together(rows, (rows * columns) - i); i < end; i++)
                {
                    (int r, int c) = _mean.Order == FloatSum.Columns
                        ? (i % rows, i / rows)
                        : (i / columns, i % columns);
                    part.Add(plane.Value(
                        ((top + (r * _mean.Rows.Dilation)) * _mean.Columns.Input)
                        + left + (c * _mean.Columns.Dilation)));
                }

                sum.Add(part);
            }
        }

        float mean = sum.Value / (rows * columns);
        return sum.IsSure && (mean == 0 || DynamicNumbers.IsSure(mean)) ? mean : float.NaN;
    }

    private void Whole(ref SureSum sum, Plane plane, int channel, int count)
    {
        int before = _mean.Before(channel, count);
        int whole = (count - before) / Lanes * Lanes, even = whole;
        bool isDouble = _mean.Order == FloatSum.Aligned && whole > Lanes;
        if (isDouble) even = whole / (2 * Lanes) * 2 * Lanes;
        Span<SureSum> lanes = stackalloc SureSum[2 * Lanes];
        for (int i = 0; i < even; i++)
            // The order of additions is the result: which sum a number joins is ONNX Runtime's.
            lanes[isDouble ? i % (2 * Lanes) : i % Lanes].Add(plane.Value(before + i));
        for (int lane = 0; lane < Lanes; lane++)
        {
            lanes[lane].Add(lanes[lane + Lanes]);
            if (even < whole) lanes[lane].Add(plane.Value(before + even + lane));
        }

        lanes[0].Add(lanes[2]);
        lanes[1].Add(lanes[3]);
        sum.Add(lanes[0]);
        sum.Add(lanes[1]);
        for (int i = 0; i < before; i++) sum.Add(plane.Value(i));
        for (int i = before + whole; i < count; i++) sum.Add(plane.Value(i));
    }

    /// <summary>One channel of one image, channels last.</summary>
    private readonly struct Plane(long* first, int channels) : IFloatPlane
    {
        public long At(int place) => first[(long)place * channels];

        public float Value(int place) => OrderedFloat.Value(At(place));
    }

    /// <summary>A sum, and whether every one on the way was sure or 0.</summary>
    private struct SureSum
    {
        private bool _isUnsure;

        public float Value { get; private set; }

        public readonly bool IsSure => !_isUnsure;

        public void Add(float value)
        {
            Value += value;
            _isUnsure |= Value != 0 && !DynamicNumbers.IsSure(Value);
        }

        public void Add(SureSum other)
        {
            Add(other.Value);
            _isUnsure |= other._isUnsure;
        }
    }
}
