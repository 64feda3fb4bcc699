using QSim.Kernels.Datapath;

namespace QSim.Kernels.Conformance;

/// <summary>Images made larger, in every way.</summary>
internal static class RandomResize
{
    /// <summary>By float32 sums of four, in either order.</summary>
    public static FloatResizeLayer OfNumbers(
        Choices choose, string name, int tensor, TensorType input)
    {
        ResizeScale scale = Scale(choose);
        return new(
            name, [tensor], TensorType.Float32(Larger(input.Shape, scale)), input.Shape, scale,
            choose.OfEnum<ResizeOrder>());
    }

    /// <summary>In 1024ths of a pixel.</summary>
    public static ResizeLayer OfIntegers(
        Choices choose, string name, int tensor, TensorType input)
    {
        ResizeScale scale = Scale(choose);
        return new(
            name, [tensor], input with { Shape = Larger(input.Shape, scale) }, input, scale);
    }

    private static ResizeScale Scale(Choices choose) =>
        new(choose.Between(1, 4), choose.Between(1, 3), choose.OfEnum<ResizePlace>());

    private static TensorShape Larger(TensorShape shape, ResizeScale scale) =>
        new(shape.Channels, shape.Rows * scale.Rows, shape.Columns * scale.Columns);
}
