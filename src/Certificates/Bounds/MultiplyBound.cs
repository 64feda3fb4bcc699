using QSim.Certificates.Functions;
using QSim.Certificates.Linear;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Bounds;

/// <summary>
/// The product of two tensors, value by value: between the planes of McCormick (1976), of which it
/// takes the mean of either two. With the middles m and widths d of u and v that is
/// <c>m(u) v + m(v) u - m(u) m(v)</c>, give or take <c>d(u) d(v) / 4</c>.
/// </summary>
internal sealed class MultiplyBound(MultiplyLayer layer) : LayerBound(layer)
{
    private readonly RequantizeFunction _function = new(layer.Requantization);

    /// <summary>Two of each, where a tensor is multiplied by itself.</summary>
    public override int Fan => 4;

    /// <inheritdoc/>
    public override void PushBack(BackwardPass pass, double[] arguments, bool[] live)
    {
        (int first, int second) = (Layer.Inputs[0], Layer.Inputs[1]);
        double[] intoFirst = pass.Of(first), intoSecond = pass.Of(second);
        TensorBox a = pass.Box(first), b = pass.Box(second);
        for (int i = 0; i < live.Length; i++)
        {
            if (!live[i]) continue;
            ReadOnlySpan<double> row = arguments.AsSpan(i * pass.Rows, pass.Rows);
            Factor u = new(a[i], layer.ZeroPoints.First), v = new(b[i], layer.ZeroPoints.Second);
            Axpy.Add(intoFirst.AsSpan(i * pass.Rows, pass.Rows), v.Middle, row);
            Axpy.Add(intoSecond.AsSpan(i * pass.Rows, pass.Rows), u.Middle, row);
            double constant = -(u.Middle * v.Zero) - (v.Middle * u.Zero) - (u.Middle * v.Middle),
                gap = u.Width * v.Width / 4;
            // Both terms of the inputs, and all of the constant, rounded a few times each.
            double size = 4 * ((Math.Abs(v.Middle) * u.Largest) + (Math.Abs(u.Middle) * v.Largest)
                + Math.Abs(u.Middle * v.Middle) + gap);
            for (int r = 0; r < row.Length; r++)
            {
                pass.Constant[r] += (row[r] * constant) + (Math.Abs(row[r]) * gap);
                pass.Absolute[r] += Math.Abs(row[r]) * size;
            }
        }
    }

    /// <inheritdoc/>
    public override double Gap(BackwardPass pass, int output)
    {
        Interval a = pass.Box(Layer.Inputs[0])[output], b = pass.Box(Layer.Inputs[1])[output];
        return ((double)a.High - a.Low) * ((double)b.High - b.Low) / 2;
    }

    /// <inheritdoc/>
    public override void PushForward(IReadOnlyList<double[]> inputs, double[] arguments, int rows)
    {
        for (int i = 0; i < arguments.Length; i++)
            arguments[i] = (inputs[0][i] - layer.ZeroPoints.First)
                * (inputs[1][i] - layer.ZeroPoints.Second);
    }

    /// <inheritdoc/>
    public override Stage Forward(IReadOnlyList<TensorBox> inputs)
    {
        var stage = new Stage(Layer.Output.Shape.Length) { Function = _ => _function };
        for (int i = 0; i < stage.Output.Length; i++)
        {
            Interval a = inputs[0][i], b = inputs[1][i];
            Interval product = Interval
                .Between(layer.Product(a.Low, b.Low), layer.Product(a.Low, b.High))
                .Or(Interval.Between(
                    layer.Product(a.High, b.Low), layer.Product(a.High, b.High)));
            bool isLoose = false;
            stage.Argument[i] = product;
            stage.IsLinked[i] = true;
            stage.Output[i] = _function.Range(product, ref isLoose);
            if (isLoose) stage.AddLoose("output");
        }

        return stage;
    }

    /// <summary>One factor over its interval; halves of integers are exact.</summary>
    private readonly struct Factor(Interval raw, int zero)
    {
        public double Zero => zero;

        public double Middle => (((double)raw.Low + raw.High) / 2) - zero;

        public double Width => (double)raw.High - raw.Low;

        /// <summary>The largest that a raw value and the factor itself may be.</summary>
        public double Largest => Math.Abs((double)zero)
            + Math.Max(Math.Abs((double)raw.Low), Math.Abs((double)raw.High));
    }
}
