using QSim.Kernels.Datapath;

namespace QSim.Certificates.Checking;

/// <summary>The one list of layers that the checker follows.</summary>
internal static class CheckedLayers
{
    /// <summary>The checker's own view of a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="inputs">Types of what it reads.</param>
    public static CheckedLayer Of(ProgramLayer layer, TensorType[] inputs) => layer switch
    {
        MacLayer mac => new CheckedMac(mac),
        MaxPoolLayer pool => new CheckedMax(pool),
        AveragePoolLayer pool => new CheckedAverage(pool),
        AddLayer { Real.IsUsed: not 0 } add => new CheckedRealAdd(add, inputs),
        AddLayer add => new CheckedAdd(add),
        MultiplyLayer product => new CheckedProduct(product),
        ConcatLayer or ClampLayer or LookupLayer or ReshapeLayer or RearrangeLayer =>
            new CheckedElement(layer, inputs),
        _ => new CheckedUnknown(layer),
    };
}

/// <summary>A layer that the checker does not follow.</summary>
internal sealed class CheckedUnknown(ProgramLayer layer) : CheckedLayer(layer)
{
    /// <inheritdoc/>
    public override string WhyNot =>
        $"layer '{Layer.Name}' is of a kind that the checker does not follow";

    /// <inheritdoc/>
    public override CheckedArgument Argument(int output, CheckedBoxes boxes) =>
        throw new CheckException(WhyNot);

    /// <inheritdoc/>
    public override void Add(CheckedForm form, int output, Int128 multiple) =>
        throw new CheckException(WhyNot);
}
