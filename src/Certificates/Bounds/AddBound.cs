using QSim.Certificates.Functions;
using QSim.Certificates.Linear;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Bounds;

/// <summary>A sum of tensors, each brought to the common scale.</summary>
internal sealed class AddBound : LayerBound
{
    // Below it, float32's own roundings are under a quarter of a step each.
    private const double MostReal = 1 << 21;

    private readonly AddLayer _add;
    private readonly bool _isReal;
    private readonly RequantizeFunction _function;

    public AddBound(AddLayer layer, IReadOnlyList<TensorType> inputs) : base(layer)
    {
        _add = layer;
        _function = new(layer.Requantization);
        _isReal = layer.Real.IsUsed != 0;
        Scales = _isReal
            ? [Value(layer.Real.First), Value(layer.Real.Second)]
            : [.. layer.Operands.Select(Scale)];
        IsLinked = _isReal
            ? Largest(layer.Real, inputs) < MostReal
            : layer.Operands.Index().All(o => Follows(o.Item, inputs[o.Index]))
                && inputs.Count > 0;
    }

    /// <summary>Steps of the common scale for a step of each operand, exact.</summary>
    public double[] Scales { get; }

    private bool IsLinked { get; }

    /// <inheritdoc/>
    public override int Fan => Scales.Length;

    /// <inheritdoc/>
    public override void PushBack(BackwardPass pass, double[] arguments, bool[] live)
    {
        for (int i = 0; i < Scales.Length; i++)
        {
            double[] into = pass.Of(Layer.Inputs[i]);
            Axpy.Add(into, Scales[i], arguments.AsSpan(0, into.Length));
        }
    }

    /// <inheritdoc/>
    public override void PushForward(IReadOnlyList<double[]> inputs, double[] arguments, int rows)
    {
        Array.Clear(arguments);
        for (int i = 0; i < Scales.Length; i++) Axpy.Add(arguments, Scales[i], inputs[i]);
    }

    /// <inheritdoc/>
    public override Stage Forward(IReadOnlyList<TensorBox> inputs)
    {
        var stage = new Stage(Layer.Output.Shape.Length) { Function = _ => _function };
        for (int output = 0; output < stage.Output.Length; output++)
        {
            Interval sum = _isReal ? RealSum(stage, inputs, output) : default;
            for (int i = 0; !_isReal && i < inputs.Count; i++)
            {
                InputScaling operand = _add.Operands[i];
                Interval x = inputs[i][output];
                Interval scaled = Interval.Between(Apply(operand, x.Low), Apply(operand, x.High));
                sum = new(sum.Low + scaled.Low, sum.High + scaled.High);
                stage.Constant[output] -= Scales[i] * operand.ZeroPoint;
                stage.Magnitude[output] += 2 * Math.Abs(Scales[i])
                    * (Math.Max(Math.Abs((double)x.Low), Math.Abs((double)x.High))
                        + Math.Abs((double)operand.ZeroPoint));
                // Two roundings to the nearest, of half a step each at most.
                if (operand.Multiplier == 0 && operand.Real.IsUsed == 0) continue;
                stage.Down[output]++;
                stage.Up[output]++;
            }

            stage.Argument[output] = sum;
            stage.IsLinked[output] = IsLinked;
            bool isLoose = false;
            stage.Output[output] = _function.Range(sum, ref isLoose);
            if (isLoose) stage.AddLoose("output");
        }

        return stage;
    }

    /// <summary>
    /// The float32 sum rises and falls with each input as the exact one does, and is within one
    /// half and two roundings of it.
    /// </summary>
    private Interval RealSum(Stage stage, IReadOnlyList<TensorBox> inputs, int output)
    {
        Interval a = inputs[0][output], b = inputs[1][output];
        double offset = Value(_add.Real.Offset);
        stage.Constant[output] = offset;
        stage.Magnitude[output] = Math.Abs(offset)
            + Math.Abs(Scales[0]) * Math.Max(Math.Abs((double)a.Low), Math.Abs((double)a.High))
            + Math.Abs(Scales[1]) * Math.Max(Math.Abs((double)b.Low), Math.Abs((double)b.High));
        (stage.Down[output], stage.Up[output]) = (1, 1);
        bool falls = Scales[0] < 0, secondFalls = Scales[1] < 0;
        var events = ConversionEvents.None;
        return new(
            _add.Real.Of(falls ? a.High : a.Low, secondFalls ? b.High : b.Low, ref events),
            _add.Real.Of(falls ? a.Low : a.High, secondFalls ? b.Low : b.High, ref events));
    }

    private static double Largest(RealSum sum, IReadOnlyList<TensorType> inputs) =>
        Math.Abs(Value(sum.Offset))
        + Math.Abs(Value(sum.First)) * Math.Max(-inputs[0].MinRaw, inputs[0].MaxRaw)
        + Math.Abs(Value(sum.Second)) * Math.Max(-inputs[1].MinRaw, inputs[1].MaxRaw);

    private static double Value(Binary32 number) =>
        Math.ScaleB(number.Significand, number.Exponent);

    private static long Apply(InputScaling operand, long raw)
    {
        var events = ConversionEvents.None;
        return operand.Apply(raw, ref events);
    }

    /// <summary>Whether an operand stays within its two roundings, saturating nowhere.</summary>
    private static bool Follows(InputScaling operand, TensorType input)
    {
        if (operand.Real.IsUsed == 0) return operand.Multiplier != int.MinValue;
        var events = ConversionEvents.None;
        long low = operand.Apply(input.MinRaw, ref events);
        long high = operand.Apply(input.MaxRaw, ref events);
        return (events & ConversionEvents.Overflowed) == 0
            && Math.Max(Math.Abs(low), Math.Abs(high)) < MostReal;
    }

    private static double Scale(InputScaling operand) => operand.Real.IsUsed != 0
        ? Value(operand.Real.Scale)
        : operand.Multiplier == 0
        ? operand.Factor
        : Math.ScaleB(
            (double)operand.Factor * operand.Multiplier, -31 - operand.MultiplierShift);
}
