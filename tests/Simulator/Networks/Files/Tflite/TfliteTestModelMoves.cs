namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>
/// Operators that copy values; what they make is left to those who run the file.
/// </summary>
internal sealed partial class TfliteTestModel
{
    /// <summary>An operator with constants of whole numbers before or behind the tensor.</summary>
    public TestTensor Moves(
        int code, TestTensor x, int[] shape, FlatNode options, params int[][] constants) =>
        MovesTo(code, x, [shape], options, false, constants)[0];

    /// <summary>The same with several outputs.</summary>
    public TestTensor[] MovesTo(
        int code, TestTensor x, int[][] shapes, FlatNode options, bool isLast,
        params int[][] constants)
    {
        TestTensor[] made = [.. shapes.Select(s => Alike(x, s))];
        int[] given = [.. constants.Select(c => Constant(
            code is 34 or 100 ? [c.Length / 2, 2] : code == 49 ? [] : [c.Length], 2,
            [.. c.SelectMany(BitConverter.GetBytes)], [], 0))];
        Operator(
            code, isLast ? [.. given, x.Index] : [x.Index, .. given],
            [.. made.Select(m => m.Index)], options);
        return made;
    }

    /// <summary>MUL with a tensor that has one value where this has many.</summary>
    public TestTensor Scaled(TestTensor x, TestTensor gate)
    {
        TestTensor y = Tensor(x.Shape, x.Scale * gate.Scale * 128, -5);
        Operator(18, [x.Index, gate.Index], y.Index, []);
        return y;
    }

    /// <summary>RESHAPE whose shape is another tensor.</summary>
    public TestTensor Reshaped(TestTensor x, int[] shape, TestTensor counted)
    {
        TestTensor y = Alike(x, shape);
        Operator(22, [x.Index, counted.Index], y.Index, []);
        Step(y, values => values[x.Index]);
        return y;
    }

    /// <summary>CONCATENATION of tensors of one format along an axis.</summary>
    public TestTensor Joined(int axis, params TestTensor[] parts)
    {
        int[] shape = [.. parts[0].Shape];
        shape[axis] = parts.Sum(p => p.Shape[axis]);
        TestTensor y = Alike(parts[0], shape);
        Operator(2, [.. parts.Select(p => p.Index)], y.Index, new() { [0] = axis });
        return y;
    }
}
