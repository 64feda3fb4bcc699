using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks.Files.Integers;

/// <summary>A convolution or dense layer of ready-made integers.</summary>
/// <param name="arrays">Where they are.</param>
/// <param name="layer">What the file says.</param>
/// <param name="name">The layer's name.</param>
/// <param name="shape">Shape of what it reads.</param>
internal sealed class IntegerMac(
    WeightFile arrays, MapNode layer, string name, TensorShape shape)
{
    private const long Far = 1L << 60;

    private bool HasOwnUnit => layer["output"] is MapNode output
        && IntegerKeys.Units[output.Text("unit") ?? "requantization"]
            != QuantizerUnit.Requantization;

    private bool IsDense => layer.Text("type") == "dense";

    /// <summary>The layer, its real weights what the integers stand for.</summary>
    public FloatLayer Build(ImmutableArray<int> inputs, TensorScale input, TensorScale output)
    {
        (long[] weights, int[] extents) = arrays.Integers(
            layer, $"{name}.weight", IsDense ? 2 : 4);
        int channels = extents[0];
        int bits = IntegerFormats.Integer(layer, "weight_bits");
        bool isSigned = IntegerFormats.IsSet(layer, "weight_signed");
        FixedFormat format = new(bits, 0, isSigned);
        Check("weight", weights, format.MinRaw, format.MaxRaw, "weight_bits, weight_signed");
        DeclaredRequantization declared = Requantization(channels);
        double[] given = arrays.Reals(layer, $"{name}.weight_scale", channels);
        declared = declared with { HasSteps = given.Length > 0 };
        float[] steps =
        [
            .. Enumerable.Range(0, channels).Select(c => Step(
                given.Length > 0 ? given[c] : declared.Ratio(c) * output.Step / input.Step)),
        ];
        int depth = weights.Length / Math.Max(channels, 1);
        float[] real = [.. weights.Select((w, i) => w * steps[i / depth])];
        long[] bias = Bias(weights, channels, depth, input.ZeroPoint);
        float[] realBias =
        [
            .. bias.Select((b, c) => (float)(
                (b + (declared.Biases.IsEmpty ? 0 : (double)declared.Biases[c]))
                    * input.Step * steps[c])),
        ];
        var own = new OwnWeights(
            real, [.. weights.Select(w => (int)w)], [.. steps], bits, isSigned, [.. bias])
        {
            Declared = declared,
        };
        if (IsDense) return new DenseLayer(name, inputs, channels, real, realBias) { Own = own };
        WindowGeometry window = ArchitectureBuilder.Window(
            layer, [extents[2], extents[3]], [1, 1]) with
        {
            Groups = layer["groups"] is null ? 1 : IntegerFormats.Integer(layer, "groups"),
        };
        return new Conv2dLayer(name, inputs, channels, window, real, realBias) { Own = own };
    }

    private DeclaredRequantization Requantization(int channels)
    {
        if (layer.Text("requantize") is not { } word)
            throw Fail(
                $"it needs requantize (supported: {string.Join(", ", IntegerKeys.Kinds.Keys)}: "
                    + "which arrays it has)");
        DeclaredKind kind = IntegerKeys.Kinds[word];
        if (HasOwnUnit && kind != DeclaredKind.None)
            throw new InputException(layer["requantize"]!.Error(
                $"{word} beside output.unit (supported: none, since the unit takes the sums)"));
        var made = new DeclaredRequantization(layer["requantize"]!.Error(""), kind);
        if (kind is DeclaredKind.None) return made;
        if (kind is DeclaredKind.Real)
            return made with
            {
                Scales = Floats("real_scale", channels, true),
                Biases = Floats("real_bias", channels, false),
            };
        made = made with { Shifts = Integers("shift", channels, -64, 126) };
        return kind == DeclaredKind.Shift
            ? made
            : made with { Multipliers = Integers("multiplier", channels, 0, int.MaxValue) };
    }

    /// <summary>Raw biases with no zero point in them.</summary>
    private long[] Bias(long[] weights, int channels, int depth, int zeroPoint)
    {
        long[] bias = arrays.HasArray($"{name}.bias")
            ? arrays.Integers(layer, $"{name}.bias", 1).Values
            : new long[channels];
        if (bias.Length != channels)
            throw Fail($"'{name}.bias' has {bias.Length} values for {channels} channels");
        Check("bias", bias, -Far, Far, "60 bits and a sign");
        if (!IntegerFormats.IsSet(layer, "zero_point_in_bias")) return bias;
        for (int c = 0; c < channels; c++)
        {
            Int128 sum = bias[c];
            for (int k = 0; k < depth; k++) sum += (Int128)zeroPoint * weights[(c * depth) + k];
            if (sum < -Far || sum > Far)
                throw Fail($"'{name}.bias' leaves 60 bits once its zero point is taken out");
            bias[c] = (long)sum;
        }

        return bias;
    }

    /// <summary>One per channel, or one for all.</summary>
    private ImmutableArray<int> Integers(string part, int channels, int least, int most)
    {
        long[] found = arrays.Integers(layer, $"{name}.{part}", null).Values;
        Check(part, found, least, most, "one per channel, or one");
        return [.. Spread(found, part, channels).Select(v => (int)v)];
    }

    private ImmutableArray<float> Floats(string part, int channels, bool isNeeded)
    {
        if (!isNeeded && !arrays.HasArray($"{name}.{part}")) return [];
        return
        [
            .. Spread(arrays.Reals(layer, $"{name}.{part}", null), part, channels).Select(v =>
                float.IsFinite((float)v) && (part != "real_scale" || v >= 0)
                    ? (float)v
                    : throw Fail($"'{name}.{part}' holds others than float32 numbers >= 0")),
        ];
    }

    private T[] Spread<T>(T[] values, string part, int channels) =>
        values.Length == channels ? values
        : values.Length == 1 ? [.. Enumerable.Repeat(values[0], channels)]
        : throw Fail($"'{name}.{part}' has {values.Length} values for {channels} channels "
            + $"of {shape} input (supported: one per channel, or one)");

    private void Check(string part, long[] values, long least, long most, string why)
    {
        foreach (long value in values)
            if (value < least || value > most)
                throw Fail($"'{name}.{part}' holds {value} (supported: {least}..{most}; {why})");
    }

    /// <summary>A step that float32 has; a channel that is multiplied by 0 has any.</summary>
    private float Step(double step) => step == 0 ? 1
        : float.IsNormal((float)step) && step > 0 ? (float)step
        : throw Fail(FormattableString.Invariant(
            $"one step of its weights is {step}, which float32 does not hold"));

    private InputException Fail(string why) => new(layer.Error(why));
}
