using System.Collections.Immutable;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks;

/// <summary>Maximum over a window.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Geometry">The window; padding never wins.</param>
internal sealed record MaxPool2dLayer(
    string Name, ImmutableArray<int> Inputs, WindowGeometry Geometry) : FloatLayer(Name, Inputs)
{
    /// <inheritdoc/>
    public override string Kind => "max_pool2d";

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) =>
        Pooled(Geometry, inputs[0]);
}

/// <summary>How hardware averages in a network that was quantized before.</summary>
internal enum AverageForm
{
    /// <summary>
    /// Sums by a multiply-accumulate unit, requantized to another scale (QLinearGlobalAveragePool).
    /// </summary>
    Sums,

    /// <summary>
    /// Means of real values, rounded to another scale (QLinearAveragePool), where the profile
    /// averages in float32; elsewhere, and over whole images, the same as sums.
    /// </summary>
    Windows,

    /// <summary>
    /// Means that ONNX Runtime has no operator of integers for (ReduceMean): in float32 where the
    /// profile computes as it does, elsewhere the same as sums.
    /// </summary>
    Reduction,

    /// <summary>A pool that keeps its input's scale (AVERAGE_POOL_2D).</summary>
    Pool,

    /// <summary>
    /// The same as sums, the count taken into an integer multiplier afterwards (MEAN).
    /// </summary>
    Mean,

    /// <summary>MEAN that keeps rows and columns, of which LiteRT has another kernel.</summary>
    KeptMean,
}

/// <summary>Mean over a window, padding left out.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Geometry">The window.</param>
internal sealed record AveragePool2dLayer(
    string Name, ImmutableArray<int> Inputs, WindowGeometry Geometry) : FloatLayer(Name, Inputs)
{
    /// <summary>What stands for it in a network that was quantized before.</summary>
    public AverageForm Form { get; init; }

    /// <summary>As <see cref="JoinLayer.IsUnsigned"/>.</summary>
    public bool IsUnsigned { get; init; }

    /// <summary>
    /// In which order the library that the network came with sums float32 numbers; null where that
    /// is not known.
    /// </summary>
    public FloatSum? Order { get; init; }

    /// <inheritdoc/>
    public override string Kind => "average_pool2d";

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) =>
        Pooled(Geometry, inputs[0]);
}
