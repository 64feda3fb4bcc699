using QSim.Kernels.Datapath;

namespace QSim.Certificates.Bounds;

/// <summary>The one list of layers that have bounds.</summary>
internal static class LayerBounds
{
    /// <summary>Bounds of a layer; null where its type has none.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="inputs">Types of what it reads.</param>
    public static LayerBound? Of(ProgramLayer layer, IReadOnlyList<TensorType> inputs) =>
        layer switch
        {
            MacLayer mac => new MacBound(mac),
            AveragePoolLayer pool => new AverageBound(pool),
            MaxPoolLayer pool => new MaxBound(pool),
            AddLayer add => new AddBound(add, inputs),
            ConcatLayer concat => new ElementBound(concat, inputs),
            ClampLayer or ReshapeLayer or LookupLayer => new ElementBound(layer, inputs),
            MultiplyLayer product => new MultiplyBound(product),
            RearrangeLayer moved => new RearrangeBound(moved),
            SoftmaxLayer softmax => new SoftmaxBound(softmax),
            _ => null,
        };
}
