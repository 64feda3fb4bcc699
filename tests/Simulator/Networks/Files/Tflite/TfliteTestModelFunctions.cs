namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>
/// Functions of each value, and constants as operands; what they make is left to those who run the
/// file.
/// </summary>
internal sealed partial class TfliteTestModel
{
    /// <summary>A function into a format of its own.</summary>
    public TestTensor Function(
        int code, TestTensor x, float scale, int zero, FlatNode? options = null)
    {
        TestTensor y = Tensor(x.Shape, scale, zero);
        Operator(code, [x.Index], y.Index, options ?? []);
        return y;
    }

    /// <summary>
    /// ADD, SUB or MUL of a tensor and a random constant, or the other way round.
    /// </summary>
    /// <param name="code">The operator.</param>
    /// <param name="x">The tensor.</param>
    /// <param name="shape">The constant's.</param>
    /// <param name="scale">Of one step of the constant.</param>
    /// <param name="made">Of one step of the output.</param>
    /// <param name="isFirst">Whether the constant is the first operand.</param>
    public TestTensor WithConstant(
        int code, TestTensor x, int[] shape, float scale, float made, bool isFirst)
    {
        byte[] data = new byte[shape.Aggregate(1, (n, e) => n * e)];
        _random.NextBytes(data);
        int constant = Constant(
            shape, (byte)(_isUnsigned ? 3 : 9), data, [scale], 0,
            _random.Next(-50, 50) + (_isUnsigned ? 128 : 0));
        TestTensor y = Tensor(x.Shape, made, 4);
        Operator(
            code, isFirst ? [constant, x.Index] : [x.Index, constant], y.Index,
            new() { [0] = (byte)_random.Next(2) });
        return y;
    }

    /// <summary>MAXIMUM or MINIMUM with one number of the same format.</summary>
    public TestTensor Bounded(int code, TestTensor x, byte raw)
    {
        TestTensor y = Alike(x, x.Shape);
        Operator(
            code, [x.Index, Constant(
                [], (byte)(_isUnsigned ? 3 : 9), [raw], [x.Scale], 0, x.Zero)],
            y.Index, []);
        return y;
    }

    /// <summary>SUB of two tensors.</summary>
    public TestTensor Subtract(TestTensor a, TestTensor b)
    {
        TestTensor y = Tensor(a.Shape, (a.Scale + b.Scale) * 0.7f, -6);
        Operator(41, [a.Index, b.Index], y.Index, new() { [0] = (byte)_random.Next(2) });
        return y;
    }

    /// <summary>REDUCE_MAX over rows and columns.</summary>
    public TestTensor Largest(TestTensor x)
    {
        TestTensor y = Alike(x, [1, x.Channels]);
        Operator(82, [x.Index, Constant(
            [2], 2, [1, 0, 0, 0, 2, 0, 0, 0], [], 0)], y.Index, []);
        return y;
    }
}
