using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Ilgpu.Steps;

/// <summary>Maximum over a window; ties go to the first in row order.</summary>
internal sealed class MaxPoolStep(FloatNetwork network, int index, WindowGeometry window)
    : DeviceStep(network, index)
{
    private readonly PoolShape _shape =
        new(window, network.Shape(network.Layers[index].Inputs[0]), network.Shape(index + 1));

    /// <summary>Whether every input lies in just one window.</summary>
    private readonly bool _tiles = Tiles(
        window, network.Shape(network.Layers[index].Inputs[0]), network.Shape(index + 1));

    /// <summary>
    /// Whether what wins can be noted where the maximum is taken: bytes, a quarter of a value each
    /// and a sixteenth of what else is read to find it again.
    /// </summary>
    public bool CanNote => _tiles && _shape.IsQuads && Endings[0].Adds == 0;

    /// <summary>Whether the maximum is taken here or by the convolution, and noted.</summary>
    public bool IsNoted { get; set; }

    /// <summary>Whether the convolution before takes the maximum.</summary>
    public bool IsTaken { get; set; }

    /// <summary>
    /// Whether the convolution before spreads the gradient; what wins is noted for it at the latest
    /// on the way back.
    /// </summary>
    public bool IsSpread { get; set; }

    /// <inheritdoc/>
    public override bool BackwardReadsInput => true;

    /// <inheritdoc/>
    public override void Forward(DeviceTensors on)
    {
        if (IsTaken && on.Kernels.Specializes) return;
        if (IsNoted && on.Kernels.Specializes)
            on.Kernels.MaxNotedCompiled(
                on.Stream, on.Length(Output), on.Values[Input], on.Values[Output],
                on.Winners[Output], new(new(_shape, Endings[0])));
        else if (on.Kernels.Specializes)
            on.Kernels.MaxCompiled(
                on.Stream, on.Length(Output), on.Values[Input], on.Values[Output], new(_shape));
        else
            on.Kernels.Max(
                on.Stream, on.Length(Output), on.Values[Input], on.Values[Output], _shape);
    }

    /// <inheritdoc/>
    public override void Backward(DeviceTensors on)
    {
        if (IsSpread && on.Kernels.Specializes)
        {
            if (!IsNoted)
                on.Kernels.NoteCompiled(
                    on.Stream, on.Length(Output), on.Values[Input], on.Winners[Output],
                    new(new(_shape, Endings[0])));
        }
        else if (IsNoted && on.Kernels.Specializes)
            on.Kernels.SpreadNotedCompiled(
                on.Stream, on.Length(Output), on.Winners[Output], on.Gradients[Output],
                on.Gradients[Input], new(_shape));
        else if (_tiles && on.Kernels.Specializes)
            on.Kernels.SpreadMaxCompiled(
                on.Stream, on.Length(Output), on.Values[Input], on.Gradients[Output],
                GradientOf(on), new(new(_shape, Endings[0])));
        else if (_tiles)
            on.Kernels.SpreadMax(
                on.Stream, on.Length(Output), on.Values[Input], on.Gradients[Output],
                GradientOf(on), _shape, Endings[0]);
        else
            on.Kernels.GatherMax(
                on.Stream, on.Length(Input), on.Values[Input], on.Gradients[Output],
                GradientOf(on), _shape, Endings[0]);
    }

    private static bool Tiles(WindowGeometry w, TensorShape from, TensorShape to) =>
        w.StrideRows == w.KernelRows && w.StrideColumns == w.KernelColumns
        && w.DilationRows == 1 && w.DilationColumns == 1
        && (w.PadTop | w.PadBottom | w.PadLeft | w.PadRight) == 0
        && to.Rows * w.StrideRows == from.Rows && to.Columns * w.StrideColumns == from.Columns;
}

/// <summary>Mean over the part of the window that lies in the image.</summary>
internal sealed class AveragePoolStep(FloatNetwork network, int index, WindowGeometry window)
    : DeviceStep(network, index)
{
    private readonly PoolShape _shape =
        new(window, network.Shape(network.Layers[index].Inputs[0]), network.Shape(index + 1));

    /// <inheritdoc/>
    public override void Forward(DeviceTensors on) => on.Kernels.Average(
        on.Stream, on.Length(Output), on.Values[Input], on.Values[Output], _shape);

    /// <inheritdoc/>
    public override void Backward(DeviceTensors on) => on.Kernels.GatherAverage(
        on.Stream, on.Length(Input), on.Gradients[Output], GradientOf(on), _shape, Endings[0]);
}
