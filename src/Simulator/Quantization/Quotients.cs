using QSim.Simulator.Networks;

namespace QSim.Simulator.Quantization;

/// <summary>
/// Quotients and square roots of float32 numbers that may have no number: hardware here has none
/// for infinity, for what is no number and for 0 with a sign, and quantizers alone make the same
/// integers of them without.
/// </summary>
internal sealed class Quotients(FloatNetwork network, GraphEnds ends)
{
    /// <summary>What there is everywhere, for messages.</summary>
    public const string Supported = "a positive number added to what is never negative";

    /// <summary>Why a layer cannot be computed; null where it can, or is none of these.</summary>
    public string? WhyNot(int index) => network.Layers[index] switch
    {
        MultiplyLayer { Divides: true } by when !IsPositive(by.Inputs[1])
            && !(ends.MeetsQuantizers(index + 1) && HasNoSignOf0(by.Inputs[1])) =>
            "divides by what may be 0",
        PointLayer { Function: PointFunction.SquareRoot } root
            when !IsAtLeast0(root.Inputs[0]) && !ends.MeetsQuantizers(index + 1) =>
            "may be the root of a negative number",
        _ => null,
    };

    private FloatLayer? Maker(int tensor) => tensor == 0 ? null : network.Layers[tensor - 1];

    private bool IsAtLeast0(int tensor) => Maker(tensor) switch
    {
        ReluLayer or SigmoidLayer or SoftmaxLayer
            or PointLayer { Function: PointFunction.HardSigmoid } => true,
        PointLayer { Function: PointFunction.Clip } clip =>
            clip.A >= 0 || IsAtLeast0(clip.Inputs[0]),
        FlattenLayer or RearrangeLayer or AveragePool2dLayer or MaxPool2dLayer
            or PointLayer { Function: PointFunction.SquareRoot }
            or PointLayer { IsDivisor: true } => IsAtLeast0(Maker(tensor)!.Inputs[0]),
        FakeQuantizeLayer quantizer =>
            quantizer.Quantizer.Low >= 0 || IsAtLeast0(quantizer.Inputs[0]),
        // A constant.
        DenseLayer dense when dense.Parameters[0].All(w => w == 0) =>
            dense.Parameters[1].All(b => b >= 0),
        MultiplyLayer { Divides: false, Inputs: [var a, var b] } =>
            a == b || (IsAtLeast0(a) && IsAtLeast0(b)),
        MultiplyLayer { Divides: true, Inputs: [var a, var b] } =>
            IsAtLeast0(a) && IsPositive(b),
        AddLayer or ConcatLayer => Maker(tensor)!.Inputs.All(IsAtLeast0),
        { } layer when FloatUnits.ConstantsOf(layer) is { } by =>
            by.Factors.All(s => by.Divides ? s > 0 : s >= 0) && by.Shifts.All(s => s >= 0)
            && IsAtLeast0(layer.Inputs[0]),
        _ => false,
    };

    private bool IsPositive(int tensor) => Maker(tensor) switch
    {
        // Zeros around what is positive are none of it.
        RearrangeLayer moved => !moved.Sources.Contains(-1) && IsPositive(moved.Inputs[0]),
        PointLayer { Function: PointFunction.Clip } clip => clip.B > 0
            && ((float)clip.A > 0 || IsPositive(clip.Inputs[0])),
        FlattenLayer or AveragePool2dLayer or MaxPool2dLayer
            or PointLayer { Function: PointFunction.SquareRoot }
            or PointLayer { IsDivisor: true } => IsPositive(Maker(tensor)!.Inputs[0]),
        AddLayer sum => sum.Inputs.All(IsAtLeast0) && sum.Inputs.Any(IsPositive),
        ConcatLayer join => join.Inputs.All(IsPositive),
        { } layer when FloatUnits.ConstantsOf(layer) is { } by =>
            by.Factors.All(s => by.Divides ? s > 0 : s >= 0) && by.Shifts.All(s => s > 0)
            && IsAtLeast0(layer.Inputs[0]),
        _ => false,
    };

    /// <summary>
    /// Integers that become numbers have one 0, and so has what a ReLU leaves; its root is 0.
    /// </summary>
    private bool HasNoSignOf0(int tensor) => Maker(tensor) switch
    {
        FakeQuantizeLayer or ReluLayer => true,
        FlattenLayer or RearrangeLayer
            or PointLayer { Function: PointFunction.SquareRoot }
            or PointLayer { IsDivisor: true } => HasNoSignOf0(Maker(tensor)!.Inputs[0]),
        _ => false,
    };
}
