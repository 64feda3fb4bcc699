using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// Residual additions, concatenations and conversions that stand alone: inputs brought to one
/// scale.
/// </summary>
/// <param name="refuse">Makes the exception from a dotted key and a reason.</param>
/// <param name="stages">The layer's stages.</param>
/// <param name="output">What comes out.</param>
/// <param name="clamp">The activation that is fused.</param>
internal sealed class JoinBuilder(
    Func<string, string, Exception> refuse, LayerDatapath stages, QuantizedTensor output,
    ClampBounds clamp)
{
    private readonly RequantizationBuilder _requantization = new(refuse, stages, output, clamp);

    /// <summary>The layer that joins tensors as one of the float network does.</summary>
    public ProgramLayer Of(
        Networks.JoinLayer layer, ImmutableArray<int> inputs, QuantizedTensor[] tensors) =>
        layer switch
        {
            Networks.AddLayer => Add(layer.Name, inputs, tensors),
            Networks.ConcatLayer => Concat(layer.Name, inputs, tensors),
            Networks.MultiplyLayer => Multiply(layer.Name, inputs, tensors[0], tensors[1]),
            _ => throw refuse(layer.Kind, "has no hardware form"),
        };

    /// <summary>The sum of tensors of one shape.</summary>
    public AddLayer Add(
        string name, ImmutableArray<int> inputs, IReadOnlyList<QuantizedTensor> operands)
    {
        bool allPowers = operands.Append(output).All(t => t.Scale.FractionBits is not null);
        return stages.ResidualAdd switch
        {
            ResidualAddKind.Align or ResidualAddKind.Auto when allPowers => Aligned(
                name, inputs, operands),
            ResidualAddKind.Align => throw refuse(
                "residual_add", "align needs power-of-two scales (use multiplier)"),
            ResidualAddKind.Qnnpack or ResidualAddKind.Xnnpack or ResidualAddKind.Float32
                when operands.Count != 2 => throw refuse(
                    "residual_add",
                    $"it adds two tensors, not {operands.Count} (use multiplier, or several sums)"),
            ResidualAddKind.Qnnpack =>
                PairSums.Qnnpack(refuse, _requantization, name, inputs, operands, output),
            ResidualAddKind.Xnnpack =>
                PairSums.Xnnpack(refuse, _requantization, name, inputs, operands, output),
            ResidualAddKind.Float32 =>
                PairSums.Float32(_requantization, name, inputs, operands, output),
            ResidualAddKind.Gemmini => Moved(name, inputs, operands),
            ResidualAddKind.Auto or ResidualAddKind.Multiplier =>
                Multiplied(name, inputs, operands),
        };
    }

    /// <summary>
    /// Tensors behind one another, each requantized to the output; with one input, a conversion.
    /// </summary>
    public ConcatLayer Concat(
        string name, ImmutableArray<int> inputs, IReadOnlyList<QuantizedTensor> parts) =>
        new(
            name,
            inputs,
            output.Type,
            [
                .. parts.Select(p => stages.ResidualAdd == ResidualAddKind.Xnnpack
                    ? PairSums.XnnpackConversion(refuse, _requantization, p, output)
                    : new ConcatPart(
                        new InputScaling(p.Scale.ZeroPoint, 1),
                        _requantization.From(
                            ConversionKind(p), p.Scale.Step, p.Scale.FractionBits))),
            ]);

    /// <summary>The product of two tensors of one shape, exact and then requantized.</summary>
    /// <param name="name">The layer's name.</param>
    /// <param name="inputs">What it reads.</param>
    /// <param name="first">One operand.</param>
    /// <param name="second">The other.</param>
    /// <param name="isOwn">
    /// Whether scales are the network's: where sums are in float32, zero points are added before
    /// the one rounding, as ONNX Runtime's QLinearMul does.
    /// </param>
    public Kernels.Datapath.MultiplyLayer Multiply(
        string name, ImmutableArray<int> inputs, QuantizedTensor first, QuantizedTensor second,
        bool isOwn = false) =>
        new(
            name, inputs, output.Type, (first.Scale.ZeroPoint, second.Scale.ZeroPoint),
            _requantization.OfProducts(
                isOwn && stages.ResidualAdd == ResidualAddKind.Float32
                    ? RequantizeKind.RealOnce
                    : ProductKind(first, second),
                first.Scale.Step, second.Scale.Step,
                first.Scale.FractionBits + second.Scale.FractionBits));

    /// <summary>The exact product of two tensors, its scale that of both.</summary>
    public Kernels.Datapath.MultiplyLayer Product(
        string name, ImmutableArray<int> inputs, QuantizedTensor first, QuantizedTensor second) =>
        new(
            name, inputs, output.Type, (first.Scale.ZeroPoint, second.Scale.ZeroPoint),
            _requantization.Shifted(0, RoundingMode.TowardNegative, zeroPoint: 0));

    private RequantizeKind ProductKind(QuantizedTensor first, QuantizedTensor second) =>
        ConversionKind(first.Scale.FractionBits is null ? first : second);

    /// <summary>
    /// Equal scales need no multiplier whatever the profile's kind; powers of two need but a shift.
    /// </summary>
    private RequantizeKind ConversionKind(QuantizedTensor part)
    {
        if (part.Scale.FractionBits is not null && output.Scale.FractionBits is not null)
            return CastOrShift;
        return stages.Requantize.Kind is RequantizeKind.Cast or RequantizeKind.Shift
            ? RequantizeKind.MultiplierDouble
            : stages.Requantize.Kind;
    }

    private RequantizeKind CastOrShift =>
        stages.Requantize.Kind == RequantizeKind.Shift ? RequantizeKind.Shift : RequantizeKind.Cast;

    private AddLayer Aligned(
        string name, ImmutableArray<int> inputs, IReadOnlyList<QuantizedTensor> operands)
    {
        int common = operands.Max(o => o.Scale.FractionBits!.Value);
        if (operands.Any(o => common - o.Scale.FractionBits!.Value > 62))
            throw refuse("residual_add", "binary points are more than 62 bits apart");
        return new(
            name, inputs, output.Type,
            [.. operands.Select(o => new InputScaling(
                o.Scale.ZeroPoint, 1L << (common - o.Scale.FractionBits!.Value)))],
            _requantization.From(CastOrShift, Math.ScaleB(1, -common), common));
    }

    /// <summary>Gemmini scales inputs as it moves them in, to what its scratchpad holds.</summary>
    private AddLayer Moved(
        string name, ImmutableArray<int> inputs, IReadOnlyList<QuantizedTensor> operands)
    {
        if (output.Scale.ZeroPoint != 0)
            throw refuse("residual_add", "gemmini's sums have no zero point (use multiplier)");
        return new(
            name, inputs, output.Type,
            [.. operands.Select(o => new InputScaling(o.Scale.ZeroPoint, 1)
            {
                Real = new(
                    1, Binary32.Of((float)o.Scale.Step / (float)output.Scale.Step),
                    output.Type.MinRaw, output.Type.MaxRaw),
            })],
            _requantization.Shifted(0, RoundingMode.NearestTiesToEven, zeroPoint: 0));
    }

    private AddLayer Multiplied(
        string name, ImmutableArray<int> inputs, IReadOnlyList<QuantizedTensor> operands)
    {
        // TFLite's ADD: what 32 bits leave for the fraction that the multipliers make.
        int headroom = operands.Max(o => o.Type.Bits) <= 8 ? 20 : 15;
        double twiceMax = 2 * operands.Max(o => o.Scale.Step);
        return new(
            name, inputs, output.Type,
            [.. operands.Select(o =>
            {
                FixedMultiplier m = FixedMultiplier.Of(o.Scale.Step / twiceMax, 32);
                return new InputScaling(o.Scale.ZeroPoint, 1L << headroom, m.Value, -m.Exponent);
            })],
            _requantization.From(
                RequantizeKind.MultiplierDouble, Math.ScaleB(twiceMax, -headroom), null));
    }
}
