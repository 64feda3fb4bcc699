using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>Convolution.</summary>
/// <remarks>
/// Needs a workspace of this network and scratch for one padded plane, which ScratchLength asks
/// for.
/// </remarks>
internal sealed unsafe class ConvKernel(FloatNetwork network, int index, Conv2dLayer layer)
    : ProductKernel(
        network, index, layer.Weight, layer.Bias, network.Shape(network.Layers[index].Inputs[0]),
        network.Shape(index + 1), layer.Geometry)
{
    private int PaddedColumns => In.Columns + Geometry.PadLeft + Geometry.PadRight;

    private int PaddedRows => In.Rows + Geometry.PadTop + Geometry.PadBottom;

    private bool IsPadded => (PaddedColumns, PaddedRows) != (In.Columns, In.Rows);

    public override long ScratchLength =>
        IsPadded ? (long)PaddedRows * PaddedColumns * ImageLanes.Count : 0;

    public override void ParameterGradients(Workspace work, float* gradients)
    {
        BiasGradients(work, gradients + WeightLength);
        for (int g = 0; g < Geometry.Groups; g++)
            for (int c = 0; c < In.Channels; c++)
            {
                float* plane =
                    GroupInput(work.Values[Input], g) + ((nint)c * In.Positions * ImageLanes.Count);
                float* weights = gradients + ((nint)g * Out.Channels * Depth) + (c * Taps);
                Channel(
                    Padded(plane, work.Scratch), GroupOutput(work.Gradients[Output], g), weights);
            }
    }

    /// <summary>Gradients of all weights that see one channel.</summary>
    private void Channel(float* plane, float* output, float* gradients)
    {
        int lanes = ImageLanes.Count;
        nint outputPlane = (nint)Out.Positions * lanes;
        float* sums = stackalloc float[LaneSums.Channels * LaneSums.Taps];

        // The last tile reaches back over channels that are done; where there are too few, one
        // takes all rows.
        int height = Out.Channels < LaneSums.Channels ? 1 : LaneSums.Channels;
        PlanePair planes = new(
            Out.Rows, Out.Columns, height == 1 ? 0 : outputPlane,
            (nint)Geometry.StrideColumns * lanes,
            (nint)Geometry.StrideRows * PaddedColumns * lanes);
        for (int o = 0; o < Out.Channels; o += height)
        {
            int first = Math.Min(o, Out.Channels - height);
            for (int t = 0; t < Taps; t += LaneSums.Taps)
            {
                LaneSums.Tile(
                    output + (first * outputPlane), Tap(plane, t), Tap(plane, t + 1),
                    Tap(plane, t + 2), planes, sums);
                int taps = Math.Min(LaneSums.Taps, Taps - t);
                for (int i = o - first; i < height; i++)
                    for (int j = 0; j < taps; j++)
                        gradients[((nint)(first + i) * Depth) + t + j] +=
                            sums[(i * LaneSums.Taps) + j];
            }
        }
    }

    private float* Tap(float* plane, int tap)
    {
        tap = Math.Min(tap, Taps - 1);
        int row = tap / Geometry.KernelColumns * Geometry.DilationRows;
        int column = tap % Geometry.KernelColumns * Geometry.DilationColumns;
        return plane + ((nint)((row * PaddedColumns) + column) * ImageLanes.Count);
    }

    private float* Padded(float* plane, float* padded)
    {
        if (!IsPadded) return plane;
        int lanes = ImageLanes.Count;
        new Span<float>(padded, PaddedRows * PaddedColumns * lanes).Clear();
        for (int row = 0; row < In.Rows; row++, plane += In.Columns * lanes)
            new ReadOnlySpan<float>(plane, In.Columns * lanes).CopyTo(
                new Span<float>(
                    padded
                        + ((((row + Geometry.PadTop) * PaddedColumns) + Geometry.PadLeft) * lanes),
                    In.Columns * lanes
                )
            );
        return padded;
    }
}
