using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Reference;

/// <summary>Images made larger.</summary>
internal static class ReferenceResize
{
    public static long[] Run(FloatResizeLayer layer, long[] numbers)
    {
        int columns = layer.Input.Columns;
        return Blend(
            layer.Rows, layer.Columns, layer.Input,
            (channel, row, column) => FloatResize.At(
                layer.Order, new Plane(numbers, channel), row, column, columns));
    }

    public static long[] Run(ResizeLayer layer, long[] image)
    {
        int width = layer.Input.Shape.Columns;
        return Blend(
            layer.Rows, layer.Columns, layer.Input.Shape,
            (channel, row, column) => ResizeLayer.At(
                row, column, image[channel + (row.First * width) + column.First],
                image[channel + (row.First * width) + column.Second],
                image[channel + (row.Second * width) + column.First],
                image[channel + (row.Second * width) + column.Second]));
    }

    private static long[] Blend(
        ResizeBlend[] rows, ResizeBlend[] columns, TensorShape shape,
        Func<int, ResizeBlend, ResizeBlend, long> value) =>
        [
            .. from channel in Enumerable.Range(0, shape.Channels)
               from row in rows
               from column in columns
               select value(channel * shape.Positions, row, column),
        ];

    private readonly struct Plane(long[] numbers, int first) : IFloatPlane
    {
        public long At(int place) => numbers[first + place];
    }
}
