using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>What both poolings share: windows clipped to the image.</summary>
internal abstract unsafe class PoolKernel(FloatNetwork network, int index, WindowGeometry geometry)
    : LayerKernel(network, index)
{
    protected TensorShape In { get; } = network.Shape(network.Layers[index].Inputs[0]);

    protected TensorShape Out { get; } = network.Shape(index + 1);

    protected WindowGeometry Geometry { get; } = geometry;

    /// <summary>First input row of a window; rows outside the image are skipped.</summary>
    protected int Row(int output) => (output * Geometry.StrideRows) - Geometry.PadTop;

    /// <summary>First input column of a window.</summary>
    protected int Column(int output) => (output * Geometry.StrideColumns) - Geometry.PadLeft;

    protected bool IsInside(int row, int column) =>
        (uint)row < (uint)In.Rows && (uint)column < (uint)In.Columns;
}

/// <summary>Maximum over a window; ties go to the first in row order, which alone gets the gradient.</summary>
internal sealed unsafe class MaxPoolKernel(FloatNetwork network, int index, MaxPool2dLayer layer)
    : PoolKernel(network, index, layer.Geometry)
{
    public override int IndexLength => Out.Length;

    public override bool BackwardReadsInput => true;

    public override void Forward(Workspace work, int images)
    {
        float* x = work.Values[Input], y = work.Values[Output];
        int* winner = work.Winners[Index];
        int planes = images * Out.Channels;
        if (_isHalving)
        {
            for (int plane = 0; plane < planes; plane++, x += In.Positions, y += Out.Positions, winner += Out.Positions)
                HalvingMaxPool.Run(x, In.Columns, y, winner, Out.Rows, Out.Columns);
            return;
        }

        for (int plane = 0; plane < planes; plane++, x += In.Positions)
            for (int r = 0; r < Out.Rows; r++)
                for (int c = 0; c < Out.Columns; c++)
                {
                    int best = Winner(x, Row(r), Column(c));
                    *winner++ = best;
                    *y++ = best < 0 ? 0 : x[best];
                }
    }

    public override void Backward(Workspace work, int images)
    {
        float* dx = work.Gradients[Input], dy = work.Gradients[Output];
        int* winner = work.Winners[Index];
        for (int plane = 0; plane < images * Out.Channels; plane++, dx += In.Positions)
            for (int p = 0; p < Out.Positions; p++, winner++, dy++)
                if (*winner >= 0) dx[*winner] += *dy;
    }

    private readonly bool _isHalving = layer.Geometry is
        {
            KernelRows: 2, KernelColumns: 2, StrideRows: 2, StrideColumns: 2, DilationRows: 1, DilationColumns: 1,
            PadTop: 0, PadLeft: 0, PadBottom: 0, PadRight: 0,
        };

    private int Winner(float* plane, int top, int left)
    {
        int best = -1;
        for (int i = 0, row = top; i < Geometry.KernelRows; i++, row += Geometry.DilationRows)
            for (int j = 0, column = left; j < Geometry.KernelColumns; j++, column += Geometry.DilationColumns)
            {
                int position = (row * In.Columns) + column;
                if (IsInside(row, column) && (best < 0 || plane[position] > plane[best])) best = position;
            }

        return best;
    }
}

/// <summary>Mean over the part of the window that lies in the image.</summary>
internal sealed unsafe class AveragePoolKernel(FloatNetwork network, int index, AveragePool2dLayer layer)
    : PoolKernel(network, index, layer.Geometry)
{
    public override void Forward(Workspace work, int images)
    {
        float* x = work.Values[Input], y = work.Values[Output];
        for (int plane = 0; plane < images * Out.Channels; plane++, x += In.Positions)
            for (int r = 0; r < Out.Rows; r++)
                for (int c = 0; c < Out.Columns; c++)
                {
                    float sum = 0;
                    int count = 0;
                    for (int i = 0, row = Row(r); i < Geometry.KernelRows; i++, row += Geometry.DilationRows)
                        for (int j = 0, column = Column(c); j < Geometry.KernelColumns; j++, column += Geometry.DilationColumns)
                            if (IsInside(row, column))
                            {
                                sum += x[(row * In.Columns) + column];
                                count++;
                            }

                    *y++ = count == 0 ? 0 : sum / count;
                }
    }

    public override void Backward(Workspace work, int images)
    {
        float* dx = work.Gradients[Input], dy = work.Gradients[Output];
        for (int plane = 0; plane < images * Out.Channels; plane++, dx += In.Positions)
            for (int r = 0; r < Out.Rows; r++)
                for (int c = 0; c < Out.Columns; c++)
                    Spread(dx, r, c, *dy++);
    }

    private void Spread(float* plane, int r, int c, float gradient)
    {
        int count = 0;
        for (int pass = 0; pass < 2; pass++)
        {
            float share = pass == 0 || count == 0 ? 0 : gradient / count;
            for (int i = 0, row = Row(r); i < Geometry.KernelRows; i++, row += Geometry.DilationRows)
                for (int j = 0, column = Column(c); j < Geometry.KernelColumns; j++, column += Geometry.DilationColumns)
                    if (IsInside(row, column))
                    {
                        if (pass == 0) count++;
                        else plane[(row * In.Columns) + column] += share;
                    }
        }
    }
}
