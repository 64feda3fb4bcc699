using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// In which order ONNX Runtime (1.31, CPU, x64, its default optimizations, one thread) sums a
/// convolution or dense layer of float32 numbers, read in its MLAS and compared bit by bit; tests
/// hold it. Convolutions of constant weights go through blocks of 8 channels on processors with
/// AVX2, of 16 with AVX-512.
/// </summary>
internal static class FloatMacOrders
{
    private const int Block = 8, Aligned = 4, Pointwise = 128, Packed = 256;

    /// <summary>Where weights come from.</summary>
    private enum Source
    {
        /// <summary>The file has them as numbers.</summary>
        Constant,

        /// <summary>A DequantizeLinear makes them each time.</summary>
        Made,

        /// <summary>Another node does.</summary>
        Other,
    }

    /// <summary>Of a Conv; null where it is not known.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">The node.</param>
    /// <param name="w">Its window, all padding counted.</param>
    /// <param name="from">What it reads.</param>
    /// <param name="channels">How many channels it makes.</param>
    /// <param name="rank">Dimensions of its input.</param>
    public static FloatMacOrder? OfConvolution(
        OnnxGraph graph, OnnxNode node, WindowGeometry w, TensorShape from, int channels, int rank)
    {
        if (!graph.HasNumbers || IsAdded(graph, node)) return null;
        Source source = Of(graph, node, 1);
        if (source == Source.Other) return null;
        return Convolution(
            source == Source.Constant
                && (!OnnxGraph.Has(node, 2) || Of(graph, node, 2) == Source.Constant),
            rank, w, from, channels);
    }

    /// <summary>Whether weights, and biases if there are any, are numbers of the file's.</summary>
    public static bool AreConstant(OnnxGraph graph, OnnxNode node) =>
        IsConstant(graph, node, 1) && (!OnnxGraph.Has(node, 2) || IsConstant(graph, node, 2));

    /// <summary>
    /// Whether a layer of weights that are made of integers computes in float32, whatever it
    /// meets: a Gemm whose bias is not made of integers, or whose weights have no zero point.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">The layer.</param>
    /// <param name="bias">Its bias as it is run; null for none.</param>
    public static bool IsOfNumbers(OnnxGraph graph, OnnxNode node, OnnxTensor? bias) =>
        bias is { Raw: null }
        || (node.Operator == "Gemm"
            && graph.MakerOf(node.Inputs[1]) is { } maker
            && IsDequantize(maker.Operator) && !OnnxGraph.Has(maker, 2));

    /// <summary>Whether an input is of real numbers that the file has.</summary>
    public static bool IsConstant(OnnxGraph graph, OnnxNode node, int input) =>
        OnnxGraph.Has(node, input) && Of(graph, node, input) == Source.Constant
        && graph.ConstantOf(node.Inputs[input]) is { Reals: not null };

    /// <summary>Of a convolution.</summary>
    /// <param name="isConstant">Whether its weights and biases are constant numbers.</param>
    /// <param name="rank">Dimensions of its input.</param>
    /// <param name="w">Its window.</param>
    /// <param name="from">What it reads.</param>
    /// <param name="channels">How many channels it makes.</param>
    public static FloatMacOrder Convolution(
        bool isConstant, int rank, WindowGeometry w, TensorShape from, int channels)
    {
        int depth = from.Channels / w.Groups, outputs = channels / w.Groups;
        if (!isConstant || rank != 4 || !IsInBlocks(w, depth, outputs))
            return OfColumns(w, from, depth, outputs);
        int taps = w.KernelRows * w.KernelColumns;
        return depth < Block ? InOrder(FloatProductOrder.Fused, taps)
            : taps == 1 && !w.HasPadding ? InOrder(FloatProductOrder.Fused, Pointwise)
            : InOrder(FloatProductOrder.Fused, Block * taps) with { Block = Block };
    }

    /// <summary>
    /// Of a ConvTranspose: a product of matrices for each tap of its window, and these one after
    /// the other; null where it is not known, as of so many channels that a tap's product is a sum
    /// of parts.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">The node.</param>
    /// <param name="from">What it reads.</param>
    /// <param name="groups">Its groups.</param>
    /// <param name="rows">Taps times output channels of a group.</param>
    public static FloatMacOrder? OfTransposed(
        OnnxGraph graph, OnnxNode node, TensorShape from, int groups, long rows)
    {
        Source source = Of(graph, node, 1);
        return !graph.HasNumbers || source == Source.Other
            ? null
            : Transposed(source == Source.Made, from.Channels / groups, from.Positions, rows);
    }

    /// <summary>Of a transposed convolution; null where it is not known.</summary>
    /// <param name="isMade">Whether its weights are made of integers each time.</param>
    /// <param name="depth">Input channels of a group.</param>
    /// <param name="positions">Rows times columns of its input.</param>
    /// <param name="rows">Taps times output channels of a group.</param>
    public static FloatMacOrder? Transposed(bool isMade, int depth, int positions, long rows)
    {
        int together = isMade || depth == 1 || rows == 1
            ? FloatProductSum.Panel
            : FloatProductSum.Of(depth, positions, 0).Together;
        return positions == 1 || depth > together
            ? null
            : InOrder(FloatProductOrder.Fused, depth) with
            {
                Block = depth,
                Taps = FloatTapOrder.Backward,
            };
    }

    /// <summary>
    /// Whether a convolution's output lies in blocks of channels: constant weights, and channels
    /// that these take.
    /// </summary>
    public static bool IsInBlocks(OnnxGraph graph, OnnxNode node) =>
        Of(graph, node, 1) == Source.Constant
        && (!OnnxGraph.Has(node, 2) || Of(graph, node, 2) == Source.Constant)
        && graph.Constant(node, 1).Shape is [var channels, var depth, _, _]
        && node.Integer("group", 1) is > 0 and var groups
        && IsInBlocks(
            new(Groups: (int)groups), (int)depth, (int)(channels / groups));

    /// <summary>
    /// Of a Gemm. Of a matrix that is made of integers and is not turned ONNX Runtime may make one
    /// of blocks of bits (<see cref="IsOfBits"/>).
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">The node.</param>
    /// <param name="depth">Columns of the first matrix.</param>
    /// <param name="outputs">Columns of the constant one.</param>
    /// <param name="rows">
    /// Rows of the first that are put together for it and taken apart behind it; null where they
    /// are not.
    /// </param>
    public static FloatMacOrder? OfGemm(
        OnnxGraph graph, OnnxNode node, int depth, int outputs, long? rows = null)
    {
        if (!graph.HasNumbers || node.Integer("transA", 0) != 0
            || (depth > Packed && FusedNodes.TakesAnother(graph, node))) return null;
        Source source = Of(graph, node, 1);
        bool isTurned = node.Integer("transB", 0) != 0;
        float alpha = node.Real("alpha", 1), beta = node.Real("beta", 1);
        return source == Source.Constant || (source == Source.Made && isTurned && rows is null or 1)
            ? Gemm(source == Source.Constant, alpha, beta, depth, outputs)
            : source == Source.Made && !isTurned && alpha == 1 && beta == 1
                && !IsOfBits(graph, node, isMoved: rows is not null)
            ? OfIntegers(depth, outputs, rows ?? 1)
            : null;
    }

    /// <summary>
    /// Whether ONNX Runtime makes blocks of bits (MatMulNBits), which quantize what they meet, of a
    /// matrix that is made of integers: it meets numbers, with no quantizer or clamp right behind.
    /// </summary>
    private static bool IsOfBits(OnnxGraph graph, OnnxNode node, bool isMoved) =>
        !(Reads(graph, node, 0) is { } maker && IsDequantize(maker))
        && !(FusedNodes.Behind(graph, node.Outputs[0]) is var (reader, _)
            && (PairPaths.IsQuantize(reader)
                || (!isMoved && reader.Operator is "Relu" or "Clip"
                    && FusedNodes.Behind(graph, reader.Outputs[0]) is not null)));

    /// <summary>Of rows with a matrix that is made of integers each time.</summary>
    public static FloatMacOrder? OfIntegers(int depth, int outputs, long rows) =>
        outputs == 1 && rows > 1 && rows * depth >= SumOrders.LeastShared
            ? null
            : (rows == 1 ? InOrder(FloatProductOrder.Fours, depth)
                : outputs == 1 ? InOrder(FloatProductOrder.Lanes, depth)
                : InOrder(
                    FloatProductOrder.Fused, FloatProductSum.Of(depth, outputs, 0).Together)) with
            {
                Bias = FloatBiasPlace.First,
            };

    /// <summary>Of a Gemm of one row.</summary>
    /// <param name="isConstant">Whether its matrix is of constant numbers.</param>
    /// <param name="alpha">The factor of the product.</param>
    /// <param name="beta">That of the bias.</param>
    /// <param name="depth">Inputs.</param>
    /// <param name="outputs">Outputs.</param>
    public static FloatMacOrder Gemm(
        bool isConstant, float alpha, float beta, int depth, int outputs)
    {
        FloatMacOrder order = isConstant
            ? InOrder(FloatProductOrder.Fused, Packed)
            : alpha == 1 && beta is 0 or 1
            ? InOrder(FloatProductOrder.Lanes, depth)
            : InOrder(FloatProductOrder.Fused, FloatProductSum.Of(depth, outputs, 0).Together);
        return order with { Bias = FloatBiasPlace.First, Factor = OrderedFloat.Of(alpha) };
    }

    /// <summary>
    /// Of a MatMul with a constant matrix and a factor; null where it is not known. One that is
    /// made of integers is multiplied as any where integers are made numbers on both sides (else as
    /// <see cref="OfGemm"/> has it).
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">The node.</param>
    /// <param name="factor">The factor.</param>
    /// <param name="rows">Rows of the other matrix.</param>
    /// <param name="depth">Its columns.</param>
    /// <param name="outputs">Columns of the constant one.</param>
    public static FloatMacOrder? OfMatMul(
        OnnxGraph graph, OnnxNode node, float factor, long rows, int depth, int outputs)
    {
        string? reads = Reads(graph, node, 0);
        if (!graph.HasNumbers || reads == "Transpose"
            || (depth > Packed && FusedNodes.TakesAnother(graph, node))) return null;
        Source source = Of(graph, node, 1);
        return source == Source.Constant ? Product with { Factor = OrderedFloat.Of(factor) }
            : source == Source.Made && factor == 1 && !IsOfBits(graph, node, isMoved: false)
            ? OfIntegers(depth, outputs, rows)
            : null;
    }

    /// <summary>Of rows with a constant matrix.</summary>
    public static FloatMacOrder Product => InOrder(FloatProductOrder.Fused, Packed);

    private static FloatMacOrder InOrder(FloatProductOrder products, int together) => new(
        products, together, 1, FloatBiasPlace.Last, FloatTapOrder.Forward, FloatMacOrder.One);

    private static bool IsInBlocks(WindowGeometry w, int depth, int outputs) =>
        w.Groups == 1
            ? depth < Block || depth % Aligned == 0
            : (long)outputs * w.Groups % Aligned == 0
                && ((depth == 1 && outputs == 1)
                    || (depth % Block == 0 && outputs % Block == 0));

    /// <summary>
    /// Windows as columns of a matrix, channel after channel, times one of the filters.
    /// </summary>
    private static FloatMacOrder OfColumns(
        WindowGeometry w, TensorShape from, int depth, int outputs)
    {
        int rows = w.OutputRows(from.Rows), columns = w.OutputColumns(from.Columns);
        int positions = rows * columns, taps = w.KernelRows * w.KernelColumns;
        bool isWhole = w.StrideRows == 1 && w.StrideColumns == 1 && !w.HasPadding;

        // Windows as wide as the image are rows of it as it lies.
        bool isTurned = isWhole && taps > 1 && depth == 1
            && w.DilationRows == 1 && w.DilationColumns == 1 && w.KernelColumns == from.Columns;
        bool isColumn = positions == 1 && (!isTurned || from.Columns == 1);
        return outputs == 1
            ? InOrder(
                isTurned ? FloatProductOrder.Lanes : FloatProductOrder.Fours, depth * taps)
            : isColumn ? InOrder(FloatProductOrder.Lanes, depth * taps)
            : InOrder(
                FloatProductOrder.Fused,
                FloatProductSum.Of(depth * taps, positions, 0).Together);
    }

    /// <summary>
    /// Whether a sum of two values alone reads a convolution: ONNX Runtime adds within it then.
    /// </summary>
    private static bool IsAdded(OnnxGraph graph, OnnxNode node) =>
        !graph.Outputs.Contains(node.Outputs[0])
        && graph.ReadersOf(node.Outputs[0]).Distinct().ToArray() is
            [{ Operator: "Add" or "Sum" } sum]
        && sum.Inputs.All(i => graph.ConstantOf(i) is null);

    private static string? Reads(OnnxGraph graph, OnnxNode node, int input) =>
        FusedNodes.Ahead(graph, node.Inputs[input])?.Operator;

    private static bool IsDequantize(string type) =>
        type is "DequantizeLinear" or "com.microsoft.DequantizeLinear";

    private static Source Of(OnnxGraph graph, OnnxNode node, int input)
    {
        string name = node.Inputs[input];
        OnnxNode? maker = graph.MakerOf(name);
        return graph.ConstantOf(name) is not { } constant ? Source.Other
            : maker is not null && IsDequantize(maker.Operator) ? Source.Made
            : constant.Raw is not null ? maker is null ? Source.Made : Source.Other
            : PlainConstants.Has(graph, name) ? Source.Constant
            : Source.Other;
    }
}
