using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// In which order ONNX Runtime (1.31, CPU, x64) sums the float32 numbers of a mean, found out by
/// comparing bits; tests hold it.
/// </summary>
internal static class SumOrders
{
    // MLAS sums columns in a buffer of 2048 numbers on the stack, where a row fits into it.
    private const int MostColumns = 1024;
    private const int MostColumnStride = 2;
    private const int SinceOpset = 19;

    /// <summary>Of an AveragePool, its window as declared.</summary>
    public static FloatSum? OfWindow(OnnxGraph graph, OnnxValue value, WindowGeometry window)
    {
        if (graph.Opset >= SinceOpset) return FloatSum.Rows;
        TensorShape shape = OnnxGraph.ShapeOf(value.Extents);
        if (window == new WindowGeometry(shape.Rows, shape.Columns)) return FloatSum.Lanes;
        return window.StrideColumns > MostColumnStride || shape.Rows == 1 ? FloatSum.Rows
            : shape.Columns > MostColumns ? null
            : FloatSum.Columns;
    }

    /// <summary>
    /// Of a ReduceMean, whose order depends on where rows begin in memory: known for tensors that
    /// ONNX Runtime places itself, as it does with all but the network's input.
    /// </summary>
    public static FloatSum? OfReduction(OnnxValue value, int[] axes)
    {
        bool areLast = axes.Order().SequenceEqual(
            Enumerable.Range(value.Rank - axes.Length, axes.Length));
        long rows = OnnxTensor.CountOf([.. value.Extents.Take(value.Rank - axes.Length)]);
        bool isOverWhole = value.Rank != 4 || axes.Length != 1;
        return areLast && isOverWhole && rows > 1 && value.Tensor != 0 ? FloatSum.Aligned : null;
    }
}
