using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Profiles;

/// <summary>What is legal key by key and does not go together.</summary>
internal sealed class StageChecks
{
    private const int MostBipolarBits = 24;

    private readonly MapNode _stages;
    private readonly LayerDatapath _layer;
    private readonly List<InputError> _errors;

    private StageChecks(MapNode stages, LayerDatapath layer, List<InputError> errors) =>
        (_stages, _layer, _errors) = (stages, layer, errors);

    /// <summary>The input's format by itself.</summary>
    public static void Input(MapNode map, ValueFormat format, List<InputError> errors)
    {
        Tensor(map, format, errors);
        if (format.Rounding == RoundingMode.Stochastic)
            errors.Add(
                map["rounding"]!.Error(
                    "STOCHASTIC does not apply to real numbers: they carry no counter"));
    }

    /// <summary>One layer's stages against each other and against the input.</summary>
    public static void Layer(
        MapNode stages, LayerDatapath layer, ValueFormat input, List<InputError> errors)
    {
        var checks = new StageChecks(stages, layer, errors);
        checks.Formats();
        checks.Scales(input);
        checks.Widths(input);
    }

    private static void Tensor(MapNode map, ValueFormat format, List<InputError> errors)
    {
        ModeChecks.Modes(map, format.Bits, format.Signedness == Signedness.Signed, errors);
        bool wraps = format.Overflow is OverflowMode.Wrap or OverflowMode.WrapSignMagnitude;
        if (format.NarrowRange && wraps)
            errors.Add(
                map["narrow_range"]!.Error("wrapping needs the whole range (use overflow: SAT)"));
        if (format.NarrowRange && format.Bits < 2)
            errors.Add(map["narrow_range"]!.Error("leaves 1 bit with nothing but 0"));
        if (format.IsBipolar) Bipolar(map, format, errors);
        if (format.ZeroPoint != 0 && format.IsCalibrated)
            errors.Add(
                map["zero_point"]!.Error(
                    "needs a number as fraction_bits (affine: true lets calibration choose)"));
        else if (format.ZeroPoint < format.Range.Low || format.ZeroPoint > format.Range.High)
            errors.Add(
                map["zero_point"]!.Error(
                    $"{format.ZeroPoint} is outside the format "
                        + $"({format.Range.Low}..{format.Range.High})"));
        if (format.Affine && format.Scale != ScaleKind.Real)
            errors.Add(map["affine"]!.Error("a zero point needs scale: real"));
        if (format is { IsCalibrated: true, Rounding: RoundingMode.Stochastic }
            && format.Calibration.Method == CalibrationMethod.MeanSquaredError)
            errors.Add(map["calibration"]!.Error("mse cannot go with rounding: STOCHASTIC"));
    }

    private static void Bipolar(MapNode map, ValueFormat format, List<InputError> errors)
    {
        if (format.Signedness != Signedness.Signed)
            errors.Add(map["encoding"]!.Error("bipolar needs signed: true"));
        if (format.Bits > MostBipolarBits)
            errors.Add(
                map["bits"]!.Error(
                    $"{format.Bits} is more than bipolar's (supported: 1..{MostBipolarBits})"));
        if (format is { Bits: > 1, IsCalibrated: true })
            errors.Add(
                map["encoding"]!.Error("bipolar of more than 1 bit needs a number as fraction_bits")
            );
        if (format.NarrowRange)
            errors.Add(map["narrow_range"]!.Error("bipolar is symmetric without it"));
    }

    private MapNode Map(string key) => (MapNode)_stages[key]!;

    private DocumentNode Mac(string key) => Map("mac")[key]!;

    private void Formats()
    {
        Tensor(Map("weight"), _layer.Weight, _errors);
        Tensor(Map("activation"), _layer.Output, _errors);
        if (_layer.Weight.Rounding == RoundingMode.Stochastic)
            _errors.Add(
                Map("weight")["rounding"]!.Error(
                    "STOCHASTIC does not apply to weights: they are rounded once"));
        if (_stages["bias"] is MapNode bias)
        {
            ModeChecks.Modes(bias, _layer.Bias!.Format, _errors);
            if (_layer.Bias.Rounding == RoundingMode.Stochastic)
                _errors.Add(
                    bias["rounding"]!.Error(
                        "STOCHASTIC does not apply to biases: they are rounded once"));
        }

        if (Mac("product") is MapNode product)
            ModeChecks.Modes(product, _layer.Product!.Format, _errors);
        ModeChecks.Modes(
            (MapNode)Mac("accumulator"), _layer.Accumulator.Bits, _layer.Accumulator.IsSigned,
            _errors, least: 2);
        if (_layer.AveragePool.Accumulator is { } average)
            ModeChecks.Modes(
                (MapNode)Map("pooling")["average_accumulator"]!, average.Bits, average.IsSigned,
                _errors, least: 2);
        FunctionChecks.Check(_stages, _layer, _errors);
        RequantizeStage requantize = _layer.Requantize;
        if (requantize.Kind == RequantizeKind.MultiplierDouble && requantize.MultiplierBits != 32)
            _errors.Add(
                Map("requantize")["multiplier_bits"]!.Error(
                    $"{requantize.MultiplierBits} cannot go with multiplier_double, which is "
                        + "defined for 32 (supported: 32)"));
        if (requantize.Kind >= RequantizeKind.Real
            && requantize.Rounding == RoundingMode.Stochastic)
            _errors.Add(
                Map("requantize")["rounding"]!.Error(
                    "STOCHASTIC does not apply to float32 numbers"));
        if (requantize.Kind == RequantizeKind.RealOnce && _layer.Bias is not null)
            _errors.Add(
                _stages["bias"]!.Error(
                    "a bias format cannot go with requantize.kind real_once, which adds a float32 "
                        + "bias"));
    }

    /// <summary>Stages with a fixed binary point need scales that are powers of two.</summary>
    private void Scales(ValueFormat input)
    {
        bool isReal = IsReal(input) || IsReal(_layer.Weight) || IsReal(_layer.Output);
        bool perChannel = _layer.Weight.Granularity == ScaleGranularity.PerChannel;
        DocumentNode accumulator = ((MapNode)Mac("accumulator"))["fraction_bits"]!;
        var users = new List<(DocumentNode Node, string What, bool NeedsOneScale)>();
        if (_layer.Product is not null)
            users.Add((Mac("product"), "a product format", true));
        if (_layer.Accumulator.FractionBits is not null)
            users.Add((accumulator, "a fixed binary point", true));
        if (_layer.Bias is not null)
            users.Add((_stages["bias"]!, "a bias format of its own", false));
        if (_layer.Requantize.Kind is RequantizeKind.Cast or RequantizeKind.Shift)
            users.Add((Map("requantize")["kind"]!, Map("requantize").Text("kind")!, false));
        foreach ((DocumentNode node, string what, bool needsOneScale) in users)
        {
            if (isReal)
                _errors.Add(
                    node.Error(
                        $"{what} needs power-of-two scales, and input, weight or activation has "
                            + "scale: real"));
            if (needsOneScale && perChannel)
                _errors.Add(
                    node.Error(
                        $"{what} needs one weight scale (use weight.granularity: per_tensor)"));
        }
    }

    private static bool IsReal(ValueFormat format) =>
        format.IsCalibrated && format.Scale == ScaleKind.Real;

    /// <summary>
    /// Every exact intermediate whose width the formats alone decide fits in 64 bits.
    /// </summary>
    private void Widths(ValueFormat input)
    {
        MacChain chain = _layer.Chain(
            input.Bits >= _layer.Output.Bits ? input : _layer.Output, input.FractionBits);
        if (chain.ExactProduct.Bits > ProgramLimits.MaxBits)
            _errors.Add(
                Map("weight")["bits"]!.Error(
                    $"the exact product needs {chain.ExactProduct.Bits} bits "
                        + "(supported: at most 64)"));
        if (chain.Sum.Bits > ProgramLimits.MaxBits)
            _errors.Add(
                ((MapNode)Mac("accumulator"))["bits"]!.Error(
                    $"accumulator plus {chain.Terms} products needs {chain.Sum.Bits} bits "
                        + "(supported: at most 64)"));
    }
}
