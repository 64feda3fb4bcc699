using System.Numerics;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Elementwise;

/// <summary>Images of integers made larger.</summary>
/// <typeparam name="T">How raw values are stored, less the layout's offset.</typeparam>
internal sealed unsafe class ResizeStep<T>(ResizeLayer layer, StepPlace place) : Step
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly ResizeBlend[] _rows = layer.Rows, _columns = layer.Columns;

    public override void Run(Workspace workspace, ImageBlock block)
    {
        T* from = workspace.Tensor<T>(layer.Inputs[0], block.Images);
        T* to = workspace.Tensor<T>(place.OutputTensor, block.Images);
        TensorShape shape = layer.Input.Shape;
        Door.Needs(
            place.Inputs[0].Length == shape.Length
            && place.Output.Length == (long)_rows.Length * _columns.Length * shape.Channels);
        long offset = place.Output.Offset;
        for (int image = 0; image < block.Images; image++, from += shape.Length)
            foreach (ResizeBlend row in _rows)
                foreach (ResizeBlend column in _columns)
                {
                    T* a = At(row.First, column.First), b = At(row.First, column.Second);
                    T* c = At(row.Second, column.First), d = At(row.Second, column.Second);
                    for (int i = 0; i < shape.Channels; i++)
                        *to++ = T.CreateTruncating(
                            ResizeLayer.At(
                                row, column, Raw(a[i]), Raw(b[i]), Raw(c[i]), Raw(d[i]))
                            - offset);
                }

        T* At(int row, int column) =>
            from + ((long)((row * shape.Columns) + column) * shape.Channels);

        long Raw(T stored) => long.CreateTruncating(stored) + offset;
    }
}
