using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Elementwise;

/// <summary>
/// Float32 images made larger, in the processor's own. Where some product or sum was not sure, the
/// value is made again the slow way.
/// </summary>
internal sealed unsafe class FloatResizeStep(FloatResizeLayer layer, StepPlace place) : Step
{
    private readonly ResizeBlend[] _rows = layer.Rows, _columns = layer.Columns;

    public override void Run(Workspace workspace, ImageBlock block)
    {
        long* from = workspace.Tensor<long>(layer.Inputs[0], block.Images);
        long* to = workspace.Tensor<long>(place.OutputTensor, block.Images);
        int channels = layer.Input.Channels, length = layer.Input.Length;
        Door.Needs(
            place.Inputs[0].Length == length
            && place.Output.Length == (long)_rows.Length * _columns.Length * channels);
        for (int image = 0; image < block.Images; image++, from += length)
            foreach (ResizeBlend row in _rows)
                foreach (ResizeBlend column in _columns)
                {
                    Blend(from, row, column, to);
                    to += channels;
                }
    }

    private void Blend(long* from, ResizeBlend row, ResizeBlend column, long* to)
    {
        int channels = layer.Input.Channels, width = layer.Input.Columns;
        long* a = from + ((long)((row.First * width) + column.First) * channels);
        long* b = from + ((long)((row.First * width) + column.Second) * channels);
        long* c = from + ((long)((row.Second * width) + column.First) * channels);
        long* d = from + ((long)((row.Second * width) + column.Second) * channels);
        (float ofA, float ofB) = (Part(row.OfFirst, column.OfFirst),
            Part(row.OfFirst, column.OfSecond));
        (float ofC, float ofD) = (Part(row.OfSecond, column.OfFirst),
            Part(row.OfSecond, column.OfSecond));
        for (int i = 0; i < channels; i++)
        {
            bool isSure = true;
            float first = Product(ofA, a[i], ref isSure), second = Product(ofB, b[i], ref isSure);
            float third = Product(ofC, c[i], ref isSure), fourth = Product(ofD, d[i], ref isSure);
            float above = Sum(first, second, ref isSure);
            // The order of additions is the result.
            float value = layer.Order == ResizeOrder.InPairs
                ? Sum(above, Sum(third, fourth, ref isSure), ref isSure)
                : Sum(Sum(above, third, ref isSure), fourth, ref isSure);
            to[i] = isSure
                ? OrderedFloat.Of(value)
                : FloatResize.At(
                    layer.Order, new Plane(from + i, channels), row, column, width);
        }
    }

    /// <summary>A part of the image: far from the least numbers, or 0.</summary>
    private static float Part(int row, int column) =>
        OrderedFloat.Value(row) * OrderedFloat.Value(column);

    private static float Product(float part, long number, ref bool isSure)
    {
        float product = part * OrderedFloat.Value(number);
        isSure &= DynamicNumbers.IsSure(product) || number == 0 || part == 0;
        return product;
    }

    private static float Sum(float x, float y, ref bool isSure)
    {
        float sum = x + y;
        isSure &= sum == 0 || DynamicNumbers.IsSure(sum);
        return sum;
    }

    private readonly struct Plane(long* first, int channels) : IFloatPlane
    {
        public long At(int place) => first[(long)place * channels];
    }
}
