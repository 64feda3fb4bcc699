using QSim.Certificates.Bounds;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Linear;

/// <summary>
/// A program over a box: each layer's stage, its arguments as tight as lines make them.
/// </summary>
/// <param name="Input">The box.</param>
/// <param name="Stages">By layer.</param>
/// <param name="Lines">By layer and output, from arguments to outputs.</param>
internal sealed record LinearState(TensorBox Input, Stage[] Stages, LinePair[][] Lines);

/// <summary>
/// Bounds of every argument of a program by lines, layer after layer; never looser than intervals.
/// One object serves one thread.
/// </summary>
internal sealed class LinearBounds
{
    private const int Rows = 32;

    private readonly ProgramBounds _program;
    private readonly bool[] _isExact;
    private readonly BackwardPass _pass;
    private readonly double[]?[] _arguments;

    public LinearBounds(ProgramBounds program)
    {
        _program = program;
        int inputs = program.Program.Input.Type.Shape.Length;
        _pass = new(program.Layers, program.RelativeError, new(inputs), Rows);
        _arguments = new double[]?[program.Layers.Count];
        _isExact = new bool[program.Layers.Count + 1];
        _isExact[0] = true;
        for (int i = 0; i < program.Layers.Count; i++)
            _isExact[i + 1] = program.Layers[i].Layer is ReshapeLayer reshape
                && _isExact[reshape.Inputs[0]];
    }

    /// <summary>The pass, for forms of what is known.</summary>
    public BackwardPass Pass => _pass;

    /// <summary>
    /// The program over a box of inputs; null where the limits that are set leave no input.
    /// </summary>
    /// <param name="input">The box.</param>
    /// <param name="ball">What its inputs have in common; null for nothing.</param>
    public LinearState? Of(TensorBox input, InputBall? ball = null)
    {
        _pass.Ball = ball;
        int count = _program.Layers.Count;
        var state = new LinearState(input, new Stage[count], new LinePair[count][]);
        for (int k = 0; k < count; k++)
        {
            LayerBound layer = _program.Layers[k];
            Stage stage = state.Stages[k] = layer.Forward(
                [.. layer.Layer.Inputs.Select(
                    t => t == 0 ? input : state.Stages[t - 1].Output)]);
            bool isTighter = HasTighter(layer) || (ball is not null && layer is MacBound);
            if (isTighter && !Tighten(state, k)) return null;
            state.Lines[k] = [.. Enumerable.Range(0, stage.Output.Length).Select(i =>
                stage.IsLinked[i]
                    ? Relaxation.Of(stage.Function(i), stage.Argument[i], stage.Output[i])
                    : LinePair.Flat(stage.Output[i]))];
        }

        return state;
    }

    /// <summary>Arguments of a layer for forms, all 0; for one use before the next call.</summary>
    public double[] Arguments(int layer)
    {
        double[] arguments = _arguments[layer] ??=
            new double[Sizes.Elements(Rows, _program.Layers[layer].Layer.Output.Shape.Length)];
        Array.Clear(arguments);
        return arguments;
    }

    /// <summary>
    /// Whether lines can say more of a layer's arguments than intervals: it adds up, or multiplies,
    /// values that have something in common.
    /// </summary>
    private bool HasTighter(LayerBound layer) =>
        layer is MacBound or AddBound or MultiplyBound && !layer.Layer.Inputs.All(t => _isExact[t]);

    private bool Tighten(LinearState state, int k)
    {
        Stage stage = state.Stages[k];
        int positions = _program.Layers[k].Layer.Output.Shape.Positions;
        int[] open = [.. Enumerable.Range(0, stage.Output.Length)
            .Where(i => stage.IsLinked[i] && !stage.Output[i].IsPoint)
            .OrderBy(i => i % positions)];
        foreach (int[] some in open.Chunk(Rows / 2))
        {
            _pass.Begin(state.Input, state.Stages, state.Lines);
            double[] arguments = Arguments(k);
            for (int r = 0; r < some.Length; r++)
            {
                arguments[(some[r] * Rows) + (2 * r)] = 1;
                arguments[(some[r] * Rows) + (2 * r) + 1] = -1;
            }

            _pass.AddArguments(k, arguments);
            double[] bounds = _pass.Run(k);
            for (int r = 0; r < some.Length; r++)
                if (!Set(stage, some[r], -bounds[(2 * r) + 1], bounds[2 * r])) return false;
        }

        return true;
    }

    /// <summary>
    /// Cuts an argument down to bounds; false where nothing is left. Arguments are integers.
    /// </summary>
    private static bool Set(Stage stage, int i, double low, double high)
    {
        const double Most = 1L << 62;
        Interval known = stage.Argument[i];
        Interval found = new(
            low > -Most ? (long)Math.Ceiling(Math.Min(low, Most)) : long.MinValue,
            high < Most ? (long)Math.Floor(Math.Max(high, -Most)) : long.MaxValue);
        Interval both = known.And(found);
        if (both.Low > both.High) return false;
        if (both == known) return true;
        stage.Argument[i] = both;
        bool isLoose = false;
        Interval output = stage.Function(i)?.Range(both, ref isLoose) ?? both;
        stage.Output[i] = output.And(stage.Output[i]);
        return true;
    }
}
