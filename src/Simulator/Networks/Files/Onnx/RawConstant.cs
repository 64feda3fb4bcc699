using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>The integers that a constant of real numbers stands for.</summary>
/// <param name="Reals">The real numbers; others than these have no integers.</param>
/// <param name="Values">Raw values.</param>
/// <param name="Scales">One, or one per element of an axis.</param>
/// <param name="ZeroPoints">As many.</param>
/// <param name="Axis">The axis.</param>
/// <param name="Form">What raw values can be; null for a type that quantizes nothing.</param>
internal sealed record RawConstant(
    float[] Reals, IReadOnlyList<long> Values, float[] Scales, long[] ZeroPoints, int Axis,
    (int Bits, bool IsSigned)? Form)
{
    /// <summary>
    /// Whether a bias's scale may be another than that of sums: its integers are none of theirs.
    /// </summary>
    public bool HasOwnScale { get; init; }

    /// <summary>Whether they are weights that meet integers with a scale of each image.</summary>
    public bool IsDynamic { get; init; }

    /// <summary>What raw values of a type can be; null for a type that quantizes nothing.</summary>
    public static (int Bits, bool IsSigned)? Format(DataType type) => type switch
    {
        DataType.Int8 => (8, true),
        DataType.Uint8 => (8, false),
        DataType.Int16 => (16, true),
        DataType.Uint16 => (16, false),
        DataType.Int4 => (4, true),
        DataType.Uint4 => (4, false),
        DataType.Int32 => (32, true),
        _ => null,
    };

    /// <summary>
    /// The weights of a layer whose output channels are an axis of the constant; null where the
    /// constant has no integers, or scales along another axis.
    /// </summary>
    /// <param name="constant">The constant.</param>
    /// <param name="real">The layer's real weights.</param>
    /// <param name="axis">The axis of output channels: 0, or 1 of a matrix.</param>
    /// <param name="bias">The layer's bias; null where it has none.</param>
    public static OwnWeights? Weights(
        OnnxTensor constant, float[] real, int axis, OnnxTensor? bias)
    {
        if (constant.Raw is not { } own || !ReferenceEquals(own.Reals, constant.Reals)
            || (own.Scales.Length > 1 && own.Axis != axis)
            || own.Form is not var (bits, isSigned)) return null;
        int channels = (int)constant.Shape[axis];
        int depth = own.Values.Count / channels;
        var raw = new int[own.Values.Count];
        for (int c = 0; c < channels; c++)
            for (int k = 0; k < depth; k++)
            {
                int from = axis == 0 ? (c * depth) + k : (k * channels) + c;
                raw[(c * depth) + k] = (int)(own.Values[from] - own.At(own.ZeroPoints, c));
            }

        bool moves = own.ZeroPoints.Any(z => z != 0);
        return new(
            real, [.. raw], [.. Enumerable.Range(0, channels).Select(c => own.At(own.Scales, c))],
            moves ? bits + 1 : bits, isSigned || moves, Bias(bias, channels))
        {
            IsDynamic = own.IsDynamic,
            BiasSteps = Steps(bias),
        };
    }

    /// <summary>
    /// The same in another order, as a transposed convolution has them: there output channels are
    /// axis 1, of each group by themselves.
    /// </summary>
    /// <param name="constant">The constant.</param>
    /// <param name="real">The layer's real weights.</param>
    /// <param name="order">Where each of them was.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="bias">The layer's bias; null where it has none.</param>
    public static OwnWeights? Turned(
        OnnxTensor constant, float[] real, int[] order, int channels, OnnxTensor? bias)
    {
        if (constant.Raw is not { } own || !ReferenceEquals(own.Reals, constant.Reals)
            || (own.Scales.Length > 1 && own.Axis != 1)
            || own.Form is not var (bits, isSigned)) return null;
        int scales = own.Scales.Length, depth = order.Length / channels;
        bool moves = own.ZeroPoints.Any(z => z != 0);
        return new(
            real,
            [.. order.Select((from, to) =>
                (int)(own.Values[from] - own.ZeroPoints[to / depth % scales]))],
            [.. Enumerable.Range(0, channels).Select(c => own.Scales[c % scales])],
            moves ? bits + 1 : bits, isSigned || moves, Bias(bias, channels))
        {
            BiasSteps = Steps(bias),
        };
    }

    private static ImmutableArray<float> Steps(OnnxTensor? bias) =>
        bias?.Raw is { HasOwnScale: false } own && ReferenceEquals(own.Reals, bias.Reals)
            ? [.. own.Scales]
            : [];

    private static ImmutableArray<long> Bias(OnnxTensor? bias, int channels) =>
        bias is null ? [.. new long[channels]]
        : bias.Raw is { } own && ReferenceEquals(own.Reals, bias.Reals)
            && !own.HasOwnScale && own.ZeroPoints.All(z => z == 0) && own.Values.Count == channels
            ? [.. own.Values]
            : [];

    /// <summary>The same with axes in another order.</summary>
    /// <param name="reals">The real numbers in the other order.</param>
    /// <param name="indices">Where each was.</param>
    /// <param name="order">For each new axis the old one.</param>
    public RawConstant Turned(float[] reals, IReadOnlyList<int> indices, int[] order) => this with
    {
        Reals = reals,
        Values = [.. indices.Select(i => Values[i])],
        Axis = Scales.Length == 1 ? Axis : Array.IndexOf(order, Axis),
    };

    private T At<T>(T[] values, int channel) => values[values.Length == 1 ? 0 : channel];

    /// <summary>Nearest values of a scale, saturated.</summary>
    public static FakeQuantizer Quantizer(float scale, int zero, int bits, bool isSigned) => new(
        TensorScale.Real(scale, zero), RoundingMode.NearestTiesToEven,
        RealConversion.Target(
            new()
            {
                Bits = bits,
                Signedness = isSigned ? Signedness.Signed : Signedness.Unsigned,
            },
            isSigned));
}
