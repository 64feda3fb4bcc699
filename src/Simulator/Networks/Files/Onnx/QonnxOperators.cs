using QSim.Kernels.Arithmetic;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// QONNX's operators, as Brevitas, QKeras and FINN write them: real values that become the nearest
/// of a format, of a width, scale and zero point of their own. Of constants the integers are kept;
/// where values depend on the image they become a layer.
/// </summary>
internal static class QonnxOperators
{
    private const int MostBits = 16;
    private const int MostConstantBits = 32;

    /// <summary>Quant: x, scale, zero point, bits; signed, narrow, rounding_mode.</summary>
    public static void Quant(OnnxGraph graph, OnnxNode node)
    {
        foreach (string needed in (string[])["signed", "narrow"])
            if (node.Integer(needed, -1) is not (0 or 1))
                throw graph.Fail(node, $"its attribute '{needed}' is not 0 or 1");
        double width = Number(graph, node, 3), zero = Number(graph, node, 2);
        int most = graph.IsConstant(node, 0) ? MostConstantBits : MostBits;
        if (width != Math.Floor(width) || width < 1 || width > most)
            throw graph.Fail(
                node, FormattableString.Invariant($"has {width} bits (supported: 1..{most})"));
        if (zero != Math.Floor(zero) || Math.Abs(zero) > int.MaxValue)
            throw graph.Fail(
                node, FormattableString.Invariant($"its zero point is {zero}, no whole number"));
        var form = new Form(
            (int)width, node.Integer("signed", 1) == 1, node.Integer("narrow", 0) == 1,
            Rounding(graph, node), (long)zero);
        if (graph.IsConstant(node, 0)) Constant(graph, node, form);
        else Activation(graph, node, form);
    }

    /// <summary>BipolarQuant: x, scale. 0 and more become the scale, less its negative.</summary>
    public static void BipolarQuant(OnnxGraph graph, OnnxNode node)
    {
        if (graph.IsConstant(node, 0)) Constant(graph, node, Form.Signs);
        else Activation(graph, node, Form.Signs);
    }

    private static void Constant(OnnxGraph graph, OnnxNode node, Form form)
    {
        OnnxTensor constant = graph.Constant(node, 0), scale = graph.Constant(node, 1);
        float[] reals = graph.Reals(node, 0), scales = Scales(graph, node, 1);
        int axis = Axis(graph, node, constant, scale);
        if (scales.Any(s => !float.IsNormal(s) || s < 0))
            throw graph.Fail(node, "a scale is not above 0");
        long inner = OnnxTensor.CountOf([.. constant.Shape.Skip(axis + 1)]);
        long[] raw = new long[reals.Length];
        float[] quantized = new float[reals.Length];
        for (int i = 0; i < raw.Length; i++)
        {
            float step = scales[scales.Length == 1 ? 0 : i / inner % scales.Length];
            raw[i] = form.Raw(reals[i], step);
            quantized[i] = (raw[i] - form.ZeroPoint) * step;
        }

        graph.Set(node, new OnnxTensor("", constant.Shape, quantized, null)
        {
            Raw = new(
                quantized, raw, scales,
                [.. Enumerable.Repeat(form.ZeroPoint, scales.Length)], axis, form.Range)
            {
                HasOwnScale = true,
            },
        });
    }

    private static void Activation(OnnxGraph graph, OnnxNode node, Form form)
    {
        OnnxValue value = graph.Value(node, 0);
        if (graph.IsLogits(node))
        {
            graph.Set(node, value);
            return;
        }

        float scale = Scale(graph, node, 1);
        if (form.AreSigns)
        {
            if (form.ZeroPoint != 0)
                throw graph.Fail(
                    node, $"zero point {form.ZeroPoint} of signs (supported: 0)");
            Add(graph, node, value, TensorScale.Real(scale), QuantizerUnit.Sign, form);
            return;
        }

        if (form.Rounding != RoundingMode.NearestTiesToEven)
            throw graph.Fail(
                node, $"rounding_mode {node.Text("rounding_mode", "ROUND")} where values depend on "
                    + "the image (supported: ROUND; hardware's requantization is the profile's)");
        if (form.ZeroPoint % 2 != 0)
            throw graph.Fail(
                node, $"zero point {form.ZeroPoint} (supported: even ones: QONNX rounds after it "
                    + "is added, and ties to even then go the other way)");
        if (form is { IsNarrow: true, IsSigned: false })
            throw graph.Fail(
                node, "narrow without a sign, where values depend on the image (supported: narrow "
                    + "with signed)");
        Add(
            graph, node, value, TensorScale.Real(scale, (int)form.ZeroPoint),
            QuantizerUnit.Requantization, form);
    }

    private static void Add(
        OnnxGraph graph, OnnxNode node, OnnxValue value, TensorScale scale, QuantizerUnit unit,
        Form form)
    {
        var format = new ValueFormat
        {
            Bits = form.Range.Bits,
            Signedness = form.IsSigned ? Signedness.Signed : Signedness.Unsigned,
            NarrowRange = form.IsNarrow || form.AreSigns,
        };
        graph.AddElementwise(
            node, value,
            input => new FakeQuantizeLayer(graph.Name(node), input, new(
                scale, form.Rounding, RealConversion.Target(format, form.IsSigned))
            {
                Unit = unit,
            }));
    }

    /// <summary>A scale of what depends on the image: one number.</summary>
    public static float Scale(OnnxGraph graph, OnnxNode node, int index) =>
        Scales(graph, node, index) is [var scale] && float.IsNormal(scale) && scale > 0
            ? scale
            : throw graph.Fail(
                node, "its scale is not one number above 0 (several: for constants)");

    /// <summary>Scales, which QKeras' converter writes as whole numbers where they are.</summary>
    private static float[] Scales(OnnxGraph graph, OnnxNode node, int index) =>
        graph.Constant(node, index) is { Integers: { } whole }
            ? [.. whole.Select(i => (float)i)]
            : graph.Reals(node, index);

    /// <summary>The axis along which a constant's scales are.</summary>
    private static int Axis(
        OnnxGraph graph, OnnxNode node, OnnxTensor constant, OnnxTensor scale)
    {
        if (scale.Length == 1) return 0;
        int before = constant.Shape.Count - scale.Shape.Count;
        int axis = scale.Shape.ToList().FindIndex(e => e > 1) + before;
        return before >= 0 && scale.Shape.Count(e => e > 1) == 1
            && scale.Length == constant.Shape[axis]
                ? axis
                : throw graph.Fail(
                    node, $"scales of {scale.ShapeText} for a constant of {constant.ShapeText} "
                        + "(supported: one, or one per element of one axis)");
    }

    /// <summary>A constant that is one number.</summary>
    public static double Number(OnnxGraph graph, OnnxNode node, int index)
    {
        OnnxTensor constant = graph.Constant(node, index);
        double[] values = constant.Reals is { } reals
            ? [.. reals.Distinct().Select(r => (double)r)]
            : [.. (constant.Integers ?? []).Distinct().Select(i => (double)i)];
        return values is [var one] ? one
            : throw graph.Fail(node, $"input {index} is not one number");
    }

    /// <summary>The rounding that a node states.</summary>
    public static RoundingMode Rounding(
        OnnxGraph graph, OnnxNode node, string none = "ROUND") =>
        node.Text("rounding_mode", none).ToUpperInvariant() switch
        {
            "ROUND" or "HALF_EVEN" => RoundingMode.NearestTiesToEven,
            "CEIL" => RoundingMode.TowardPositive,
            "FLOOR" => RoundingMode.TowardNegative,
            "UP" => throw graph.Fail(node, Modes("UP")),
            "DOWN" or "ROUND_TO_ZERO" => RoundingMode.TowardZero,
            "HALF_UP" => RoundingMode.NearestTiesAway,
            "HALF_DOWN" => RoundingMode.NearestTiesTowardZero,
            var other => throw graph.Fail(node, Modes(other)),
        };

    private static string Modes(string found) =>
        $"rounding_mode '{Brief.Name(found)}' (supported: ROUND, CEIL, FLOOR, ROUND_TO_ZERO, "
            + "HALF_UP, HALF_DOWN)";

    /// <summary>What raw values can be, and how real ones become them.</summary>
    private readonly record struct Form(
        int Bits, bool IsSigned, bool IsNarrow, RoundingMode Rounding, long ZeroPoint)
    {
        public static Form Signs => new(1, true, false, RoundingMode.NearestTiesToEven, 0);

        /// <summary>Bits that hold them, and whether they have a sign: 1 and -1 need two.</summary>
        public (int Bits, bool IsSigned) Range => AreSigns ? (2, true) : (Bits, IsSigned);

        /// <summary>Whether they are -1 and 1.</summary>
        public bool AreSigns => Bits == 1 && IsSigned;

        private long Most => IsSigned ? (1L << (Bits - 1)) - 1
            : (1L << Bits) - (IsNarrow ? 2 : 1);

        private long Least => !IsSigned ? 0 : -(1L << (Bits - 1)) + (IsNarrow ? 1 : 0);

        /// <summary>In float32, as QONNX's own evaluation is.</summary>
        public long Raw(float real, float step)
        {
            float moved = (real / step) + ZeroPoint;
            if (AreSigns) return moved >= 0 ? 1 : -1;
            return float.IsNaN(moved) ? ZeroPoint
                : RealConversion.RoundToInteger(
                    Math.Clamp((double)moved, Least, Most), Rounding);
        }
    }
}
