using QSim.Certificates.Functions;
using QSim.Certificates.Linear;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Bounds;

/// <summary>
/// The product of two tensors, value by value: intervals, for it is no linear form.
/// </summary>
internal sealed class MultiplyBound(MultiplyLayer layer) : LayerBound(layer)
{
    private readonly RequantizeFunction _function = new(layer.Requantization);

    /// <inheritdoc/>
    public override int Fan => 0;

    /// <inheritdoc/>
    public override void PushBack(BackwardPass pass, double[] arguments, bool[] live)
    {
        // Its arguments follow no form: lines of them are flat, and nothing comes here.
    }

    /// <inheritdoc/>
    public override void PushForward(
        IReadOnlyList<double[]> inputs, double[] arguments, int rows) => Array.Clear(arguments);

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
            stage.Output[i] = _function.Range(product, ref isLoose);
            if (isLoose) stage.AddLoose("output");
        }

        return stage;
    }
}
