using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks.Files.Integers;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Units that ONNX has no operators for, as QONNX's: signs of sums, and windows' sums that lose
/// bits.
/// </summary>
internal static class QonnxUnits
{
    /// <summary>The domain and the versions of what is written.</summary>
    public const string Domain = "qonnx.custom_op.general";

    /// <summary>1 for values of 0 and more, else -1, times a step.</summary>
    /// <param name="graph">Where the node goes.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="value">What it reads.</param>
    /// <param name="step">The step.</param>
    public static string Signs(QdqGraph graph, string name, string value, double step) =>
        graph.Qonnx("BipolarQuant", 1, name, [
            value, graph.Reals($"{name}/scale", [(float)step]),
        ]);

    /// <summary>
    /// An average pool, its product with a number where sums have another step than its means, and
    /// Trunc.
    /// </summary>
    /// <param name="graph">Where the nodes go.</param>
    /// <param name="mac">The sums of a window.</param>
    /// <param name="value">What is pooled.</param>
    /// <param name="step">One raw step of that.</param>
    /// <param name="quantizer">What comes out.</param>
    /// <exception cref="NotSupportedException">The sums are no window's.</exception>
    public static string Dropped(
        QdqGraph graph, MacLayer mac, string value, double step, FakeQuantizer quantizer)
    {
        WindowGeometry w = mac.Geometry;
        int channels = mac.Output.Shape.Channels;
        bool isWindow = w.Groups == channels && mac.Input.Shape.Channels == channels
            && !w.HasPadding && w is { DilationRows: 1, DilationColumns: 1 }
            && mac.Weights.All(v => v == 1) && mac.WeightSteps.Distinct().Count() == 1
            && IntegerWriter.UnfoldedBias(mac).All(b => b == 0);
        int drop = mac.Requantization[0].Output.Shift;
        if (!isWindow || drop < 0 || quantizer.Scale.ZeroPoint != 0)
            throw Fail(mac, "drops bits of sums that are not a window's");
        double gain = mac.WeightSteps[0] * w.KernelRows * w.KernelColumns;
        string mean = graph.Node(
            "AveragePool", $"{mac.Name}/mean", [value], QdqMac.Window(w, isPool: true));
        if ((float)gain != 1)
            mean = graph.Node(
                "Mul", $"{mac.Name}/gain", [mean, One("factor", (float)gain)]);
        int bits = quantizer.Target.Bits;
        bool isSigned = quantizer.Target.IsSigned;
        return graph.Qonnx(
            "Trunc", 2, mac.Name,
            [
                mean,
                One("step", (float)(step * mac.WeightSteps[0])), One("zero", 0),
                One("from", bits + drop), One("scale", (float)quantizer.Scale.Step),
                One("bits", bits),
            ],
            QdqGraph.I("signed", isSigned ? 1 : 0),
            QdqGraph.I("narrow", isSigned && quantizer.Target.Min == -quantizer.Target.Max ? 1 : 0),
            QdqGraph.S("rounding_mode", Mode(mac, quantizer.Rounding)));

        string One(string what, float number) =>
            graph.Reals($"{mac.Name}/{what}", [number]);
    }

    private static string Mode(MacLayer mac, RoundingMode rounding) => rounding switch
    {
        RoundingMode.NearestTiesToEven => "ROUND",
        RoundingMode.TowardPositive => "CEIL",
        RoundingMode.TowardNegative => "FLOOR",
        RoundingMode.TowardZero => "ROUND_TO_ZERO",
        RoundingMode.NearestTiesAway => "HALF_UP",
        RoundingMode.NearestTiesTowardZero => "HALF_DOWN",
        _ => throw Fail(mac, $"drops bits and rounds {ModeNames.Of(rounding)}"),
    };

    private static NotSupportedException Fail(MacLayer mac, string why) => new(
        $"layer '{mac.Name}': {why}, which neither ONNX nor QONNX has an operator for (supported: "
            + ".yaml, .npz)");
}
