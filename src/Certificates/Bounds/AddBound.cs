using QSim.Certificates.Functions;
using QSim.Certificates.Linear;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Bounds;

/// <summary>A sum of tensors, each brought to the common scale.</summary>
internal sealed class AddBound : LayerBound
{
    private readonly AddLayer _add;
    private readonly RequantizeFunction _function;

    public AddBound(AddLayer layer, IReadOnlyList<TensorType> inputs) : base(layer)
    {
        _add = layer;
        _function = new(layer.Requantization);
        Scales = [.. layer.Operands.Select(Scale)];
        IsLinked = layer.Operands.All(o => o.Multiplier != int.MinValue) && inputs.Count > 0;
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
            Interval sum = default;
            for (int i = 0; i < inputs.Count; i++)
            {
                InputScaling operand = _add.Operands[i];
                Interval x = inputs[i][output];
                Interval scaled = Interval.Between(Apply(operand, x.Low), Apply(operand, x.High));
                sum = new(sum.Low + scaled.Low, sum.High + scaled.High);
                stage.Constant[output] -= Scales[i] * operand.ZeroPoint;
                stage.Magnitude[output] += 2 * Math.Abs(Scales[i])
                    * (Math.Max(Math.Abs((double)x.Low), Math.Abs((double)x.High))
                        + Math.Abs((double)operand.ZeroPoint));
                // Two roundings to the nearest, of half a step each.
                if (operand.Multiplier == 0) continue;
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

    private static long Apply(InputScaling operand, long raw)
    {
        var events = ConversionEvents.None;
        return operand.Apply(raw, ref events);
    }

    private static double Scale(InputScaling operand) => operand.Multiplier == 0
        ? operand.Factor
        : Math.ScaleB(
            (double)operand.Factor * operand.Multiplier, -31 - operand.MultiplierShift);
}
