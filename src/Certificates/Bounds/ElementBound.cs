using QSim.Certificates.Functions;
using QSim.Certificates.Linear;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Bounds;

/// <summary>Layers that take values one by one: clamps, tables, reshapes, concats.</summary>
internal sealed class ElementBound : LayerBound
{
    private readonly (int Input, int First, ScalarFunction? Function)[] _parts;

    public ElementBound(ProgramLayer layer, IReadOnlyList<TensorType> inputs) : base(layer)
    {
        _parts = new (int, int, ScalarFunction?)[inputs.Count];
        for (int i = 0, first = 0; i < inputs.Count; i++)
        {
            _parts[i] = (i, first, FunctionOf(layer, i));
            first += inputs[i].Shape.Length;
        }
    }

    /// <inheritdoc/>
    public override int Fan => _parts.Length;

    /// <inheritdoc/>
    public override void PushBack(BackwardPass pass, double[] arguments, bool[] live)
    {
        foreach ((int input, int first, _) in _parts)
        {
            double[] into = pass.Of(Layer.Inputs[input]);
            Axpy.Add(into, 1, arguments.AsSpan(first * pass.Rows, into.Length));
        }
    }

    /// <inheritdoc/>
    public override void PushForward(IReadOnlyList<double[]> inputs, double[] arguments, int rows)
    {
        foreach ((int input, int first, _) in _parts)
            inputs[input].CopyTo(arguments, first * rows);
    }

    /// <inheritdoc/>
    public override Stage Forward(IReadOnlyList<TensorBox> inputs)
    {
        int length = Layer.Output.Shape.Length;
        var functions = new ScalarFunction?[length];
        var stage = new Stage(length) { Function = output => functions[output] };
        foreach ((int input, int first, ScalarFunction? function) in _parts)
        {
            for (int i = 0; i < inputs[input].Length; i++)
            {
                int output = first + i;
                Interval x = inputs[input][i];
                bool isLoose = false;
                functions[output] = function;
                stage.Argument[output] = x;
                stage.IsLinked[output] = true;
                stage.Magnitude[output] = Math.Max(
                    Math.Abs((double)x.Low), Math.Abs((double)x.High));
                stage.Output[output] = function?.Range(x, ref isLoose) ?? x;
                if (isLoose) stage.AddLoose("output");
            }
        }

        return stage;
    }

    private static ScalarFunction? FunctionOf(ProgramLayer layer, int input) => layer switch
    {
        ClampLayer clamp => new ClampFunction(clamp.Min, clamp.Max),
        ConcatLayer concat => new PartFunction(concat.Parts[input]),
        LookupLayer lookup => Table(lookup),
        ReshapeLayer => null,
        _ => throw UnknownLayer.Of(layer, "no function of one element"),
    };

    private static TableFunction Table(LookupLayer layer)
    {
        var convert = new ConvertFunction(layer.Conversion);
        return new(
            raw => layer.Index.Of(raw, layer.Table.Length), isMonotone: true,
            [.. layer.Table.Select(entry => convert.Apply(entry))]);
    }
}
