using QSim.Certificates.Linear;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Bounds;

/// <summary>Values moved, repeated or left out; zero points where there is no source.</summary>
internal sealed class RearrangeBound(RearrangeLayer layer) : LayerBound(layer)
{
    /// <inheritdoc/>
    public override int Fan { get; } =
        layer.Sources.GroupBy(s => s).Select(g => g.Count()).DefaultIfEmpty(0).Max();

    /// <inheritdoc/>
    public override void PushBack(BackwardPass pass, double[] arguments, bool[] live)
    {
        double[] into = pass.Of(Layer.Inputs[0]);
        for (int i = 0; i < live.Length; i++)
        {
            int source = layer.Sources[i];
            if (live[i] && source >= 0)
                Axpy.Add(
                    into.AsSpan(source * pass.Rows, pass.Rows), 1,
                    arguments.AsSpan(i * pass.Rows, pass.Rows));
        }
    }

    /// <inheritdoc/>
    public override void PushForward(IReadOnlyList<double[]> inputs, double[] arguments, int rows)
    {
        Array.Clear(arguments);
        for (int i = 0; i < layer.Sources.Length; i++)
            if (layer.Sources[i] >= 0)
                inputs[0].AsSpan(layer.Sources[i] * rows, rows)
                    .CopyTo(arguments.AsSpan(i * rows, rows));
    }

    /// <inheritdoc/>
    public override Stage Forward(IReadOnlyList<TensorBox> inputs)
    {
        var stage = new Stage(layer.Sources.Length) { Function = _ => null };
        int zero = layer.Output.ZeroPoint;
        for (int i = 0; i < layer.Sources.Length; i++)
        {
            int source = layer.Sources[i];
            Interval x = source < 0 ? new(zero, zero) : inputs[0][source];
            stage.Argument[i] = stage.Output[i] = x;
            stage.IsLinked[i] = true;
            if (source < 0) stage.Constant[i] = zero;
            stage.Magnitude[i] = Math.Max(Math.Abs((double)x.Low), Math.Abs((double)x.High));
        }

        return stage;
    }
}
