using QSim.Certificates.Linear;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Bounds;

/// <summary>Max pooling: padding never wins.</summary>
internal sealed class MaxBound(MaxPoolLayer layer) : LayerBound(layer)
{
    /// <summary>Inputs to windows.</summary>
    public WindowMap Map { get; } = new(layer.Geometry, layer.Input.Shape, layer.Output.Shape);

    /// <inheritdoc/>
    public override int Fan => 2 * Map.Fan;

    /// <inheritdoc/>
    public override void PushBack(BackwardPass pass, double[] arguments, bool[] live)
    {
        TensorShape to = layer.Output.Shape;
        int tensor = Layer.Inputs[0];
        TensorBox box = pass.Box(tensor);
        double[] into = pass.Of(tensor);
        double[] rising = new double[pass.Rows], falling = new double[pass.Rows];
        for (int output = 0; output < live.Length; output++)
        {
            if (!live[output]) continue;
            int[] places =
            [
                .. Map.Places(output / to.Positions, output % to.Positions).Where(p => p >= 0),
            ];
            Split(arguments.AsSpan(output * pass.Rows, pass.Rows), rising, falling);
            MaxLines lines = MaxLines.Of(box, places);
            Axpy.Add(into.AsSpan(lines.Largest * pass.Rows, pass.Rows), 1, falling);
            for (int i = 0; i < places.Length; i++)
                if (lines.Slopes[i] != 0)
                    Axpy.Add(
                        into.AsSpan(places[i] * pass.Rows, pass.Rows), lines.Slopes[i], rising);
            for (int r = 0; r < pass.Rows; r++)
            {
                pass.Constant[r] += rising[r] * lines.Offset;
                pass.Absolute[r] += (rising[r] - falling[r]) * lines.Magnitude;
            }
        }
    }

    /// <inheritdoc/>
    public override void PushForward(IReadOnlyList<double[]> inputs, double[] arguments, int rows)
    {
        int positions = layer.Output.Shape.Positions;
        Array.Fill(arguments, double.NegativeInfinity);
        for (int output = 0; output * rows < arguments.Length; output++)
            foreach (int place in Map.Places(output / positions, output % positions))
                for (int r = 0; place >= 0 && r < rows; r++)
                    arguments[(output * rows) + r] = Math.Max(
                        arguments[(output * rows) + r], inputs[0][(place * rows) + r]);
    }

    /// <inheritdoc/>
    public override Stage Forward(IReadOnlyList<TensorBox> inputs)
    {
        TensorShape to = layer.Output.Shape;
        var stage = new Stage(to.Length) { Function = _ => null };
        for (int output = 0; output < to.Length; output++)
        {
            Interval largest = new(long.MinValue, long.MinValue);
            foreach (int place in Map.Places(output / to.Positions, output % to.Positions))
            {
                if (place < 0) continue;
                Interval x = inputs[0][place];
                largest = new(Math.Max(largest.Low, x.Low), Math.Max(largest.High, x.High));
            }

            stage.Argument[output] = stage.Output[output] = largest;
            stage.IsLinked[output] = true;
        }

        return stage;
    }

    private static void Split(ReadOnlySpan<double> row, double[] rising, double[] falling)
    {
        for (int r = 0; r < row.Length; r++)
            (rising[r], falling[r]) = (Math.Max(row[r], 0), Math.Min(row[r], 0));
    }
}
