using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.Conformance;

/// <summary>What a check of a device meets whatever its random programs are.</summary>
public class ConformanceCasesTests
{
    private static readonly ProgramLayer[] Layers =
    [
        .. ConformanceCases.Numbers().Concat(ConformanceCases.Laws())
            .SelectMany(c => c.Program.Layers),
    ];

    /// <summary>
    /// Layers of integers have other cases, and random programs are mostly of them.
    /// </summary>
    [Fact]
    public void Numbers_HoldEveryLayerOfNumbers()
    {
        string[] missing =
        [
            .. typeof(ProgramLayer).Assembly.GetTypes()
                .Where(t => t.IsSubclassOf(typeof(ProgramLayer)) && !t.IsAbstract)
                .Where(t => t.Name.StartsWith("Float") || t.Name.StartsWith("Dynamic")
                    || t == typeof(RangeLayer))
                .Where(t => !Layers.Any(l => l.GetType() == t)).Select(t => t.Name),
        ];
        Assert.Empty(missing);
    }

    [Fact]
    public void Numbers_HoldEveryFunctionAndOrder()
    {
        Assert.Empty(Missing<FloatPointLayer, FloatFunction>(l => l.Function));
        Assert.Empty(Missing<FloatAffineLayer, FloatScaling>(l => l.Scaling));
        Assert.Empty(Missing<FloatNormLayer, FloatNormSum>(l => l.Norm.Sum));
        Assert.Empty(Missing<FloatProductSumLayer, FloatProductOrder>(l => l.Sum.Order));
        Assert.Empty(Missing<FloatMacLayer, FloatProductOrder>(l => l.Order.Products));
        Assert.Empty(Missing<FloatMacLayer, FloatBiasPlace>(l => l.Order.Bias));
        Assert.Empty(Missing<FloatMacLayer, FloatTapOrder>(l => l.Order.Taps));
        Assert.Empty(Missing<FloatResizeLayer, ResizeOrder>(l => l.Order));
        Assert.Empty(Missing<FloatAverageLayer, FloatSum>(l => l.Order));
    }

    private static TValue[] Missing<TLayer, TValue>(Func<TLayer, TValue> of)
        where TLayer : ProgramLayer
        where TValue : struct, Enum =>
        [.. Enum.GetValues<TValue>().Except(Layers.OfType<TLayer>().Select(of))];
}
