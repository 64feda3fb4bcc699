using System.Text.Json;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Datapath;
using QSim.Kernels.Ranges;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Simulator;

namespace QSim.Runner.Explanations;

/// <summary>
/// A trained network on a profile, and what each layer's accumulators can come to hold.
/// </summary>
/// <param name="program">The network on the profile.</param>
/// <param name="any">Per multiply-accumulate layer and channel, for any input.</param>
/// <param name="seen">
/// The same, for inputs in the intervals that the calibration images span.
/// </param>
internal sealed class LayerRanges(
    QuantizedProgram program, IReadOnlyList<ChannelRange[]> any, IReadOnlyList<ChannelRange[]> seen)
{
    /// <summary>What the second table's columns mean.</summary>
    public static IReadOnlyList<string> Legend { get; } =
    [
        "needs: bits that hold every partial sum of every channel, in this order and with these "
            + "lanes.",
        "any input: proved for every value that the input's type can hold; calibration: for inputs "
            + "in the intervals seen there.",
        "l1 bound: what A2Q's bound on the weights' L1 norm asks for, signs and order not looked "
            + "at, bias not counted.",
    ];

    private IEnumerable<MacLayer> Layers => program.Layers.OfType<MacLayer>();

    /// <summary>Trains, quantizes, and analyses.</summary>
    public static LayerRanges Measure(
        StudyInputs inputs, ContentCache cache, IProgressSink progress,
        CancellationToken cancellation)
    {
        using HardwareList hardware = HardwareList.Train(inputs, cache, progress, cancellation);
        Simulation simulation = hardware.All[0].Simulation;
        QuantizedProgram program = simulation.Program;
        int pixels = inputs.Settings.CalibrationImages * inputs.Network.Input.Length;
        MacLayer[] layers = [.. program.Layers.OfType<MacLayer>()];
        var intervals = SeenInputs.Of(simulation, inputs.Data.Train.Pixels.AsSpan(0, pixels));
        return new(
            program,
            [.. layers.Select(AccumulatorRanges.Of)],
            [.. layers.Select(l => AccumulatorRanges.Of(l, intervals[l.Inputs[0]]))]);
    }

    /// <summary>Formats and stages, layer by layer.</summary>
    public TextTable Stages() => new(
        ["layer", "input", "weights", "depth", "lanes", "order", "accumulator", "output"],
        [.. Layers.Select(l => new[]
        {
            l.Name,
            Spell(l.Input),
            $"{(l.WeightsSigned ? "int" : "uint")}{l.WeightBits}",
            $"{l.Depth}",
            l.Mac.Lanes == 0 ? "all" : $"{l.Mac.Lanes}",
            JsonNamingPolicy.SnakeCaseLower.ConvertName($"{l.Mac.Order}"),
            $"{l.Mac.Update.Bits} bits{(l.Mac.Update.IsSigned ? "" : " unsigned")}, "
                + ModeNames.Of(l.Mac.Update.Overflow),
            Spell(l.Output),
        })]);

    /// <summary>Parameters that did not fit; no lines where all did.</summary>
    public IEnumerable<string> Losses() => ParameterText.Losses(program);

    /// <summary>Which loop of the SIMD backend runs each layer.</summary>
    public TextTable Loops() => new(
        ["layer", "loop of the simd backend"],
        [
            .. program.Layers
                .Zip(new SimdBackend(SimdRowVariable.Row).LoopsOf(program))
                .Select(l => new[] { l.First.Name, l.Second }),
        ]);

    /// <summary>Where overflow is impossible, where it is not, and by how much.</summary>
    public TextTable Accumulators() =>
        new(
            [
                "layer",
                "has",
                "needs, any input",
                "needs, calibration",
                "l1 bound",
                "channels that can overflow",
                "verdict",
            ],
            [
                .. Layers.Select(
                    (l, i) =>
                        new[]
                        {
                            l.Name,
                            $"{l.Mac.Update.Bits}",
                            Needs(any[i]),
                            Needs(seen[i]),
                            $"{any[i].Max(c => c.L1Bits)}",
                            $"{any[i].Count(c => c.CanOverflow)} of {any[i].Length} "
                                + $"({seen[i].Count(c => c.CanOverflow)} in calibration)",
                            Verdict(l, any[i]),
                        }),
            ])
        {
            RightAligned = new HashSet<int> { 1, 2, 3, 4 },
        };

    private static string Needs(ChannelRange[] channels) =>
        ChannelRange.RequiredBitsOf(channels) is { } bits ? $"{bits}" : "a sign";

    private static string Verdict(MacLayer layer, ChannelRange[] channels)
    {
        ChannelRange[] bad = [.. channels.Where(c => c.CanOverflow)];
        if (bad.Length == 0) return "never overflows";
        string certainty = bad.Any(c => c.IsBound) ? "may overflow" : "can overflow";
        string how = "below 0, which no unsigned width holds";
        if (ChannelRange.RequiredBitsOf(channels) is { } needed)
        {
            int excess = Math.Max(0, needed - layer.Mac.Update.Bits);
            how = $"by {excess} {(excess == 1 ? "bit" : "bits")}";
        }

        return $"{certainty} {how}, from update {bad.Min(c => c.FirstOverflow) + 1} "
            + $"of {bad[0].Sums.Count} on";
    }

    private static string Spell(TensorType type)
    {
        if (type.IsFloat32) return "float32";
        double exponent = Math.Log2(type.Scale);
        string scale =
            exponent == Math.Round(exponent)
                ? $"2^{exponent}"
                : FormattableString.Invariant($"{type.Scale:g4}");
        string zero = type.ZeroPoint == 0 ? "" : $", zero {type.ZeroPoint}";
        return $"{(type.IsSigned ? "int" : "uint")}{type.Bits} x {scale}{zero}";
    }
}
