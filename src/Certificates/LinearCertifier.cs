using System.Collections.Concurrent;
using QSim.Certificates.Bounds;
using QSim.Certificates.Functions;
using QSim.Certificates.Linear;
using QSim.Certificates.Search;
using QSim.Kernels.Datapath;

namespace QSim.Certificates;

/// <summary>
/// Certificates by lines, substituted backward; what intervals prove, they prove too. Any number of
/// threads may ask at once.
/// </summary>
/// <param name="bounds">Bounds of the program.</param>
public sealed class LinearCertifier(ProgramBounds bounds)
{
    private readonly ConcurrentBag<LinearBounds> _free = [];
    private readonly SoftmaxBound? _softmax = SoftmaxOf(bounds);

    /// <summary>Whether every input of a box has a label.</summary>
    /// <param name="box">The raw inputs.</param>
    /// <param name="label">The label.</param>
    /// <param name="ball">What the inputs have in common; null for nothing.</param>
    public BoundsResult Certify(TensorBox box, int label, InputBall? ball = null)
    {
        if (!_free.TryTake(out LinearBounds? linear)) linear = new(bounds);
        try
        {
            LinearState state = linear.Of(box, ball)
                ?? throw new InvalidOperationException("bounds that leave no input");
            int[] left = [.. Rivals(linear, state, label)];
            return left.Length == 0
                ? new(true, null)
                : new(false, Blame(linear, state, label, left[0]));
        }
        finally
        {
            _free.Add(linear);
        }
    }

    /// <summary>The classes that might win.</summary>
    /// <param name="linear">What made the state.</param>
    /// <param name="state">The program over a box.</param>
    /// <param name="label">The label.</param>
    /// <param name="closed">
    /// Filled with the classes that lines exclude: whether it takes their arguments.
    /// </param>
    internal IEnumerable<int> Rivals(
        LinearBounds linear, LinearState state, int label, Dictionary<int, bool>? closed = null)
    {
        int[] rivals = [.. Decision.Rivals(state.Stages[^1].Output, label)];
        int last = LastStage();
        var ofFirst = new Lazy<double>(() => Threshold(state, label));
        foreach (int[] some in rivals.Chunk(linear.Pass.Rows / 2))
        {
            double[] differences = Differences(linear, state, last, label, some);
            for (int r = 0; r < some.Length; r++)
            {
                double threshold = some[r] > label ? 1 : ofFirst.Value;
                bool byLogits = differences[2 * r] < threshold;
                bool loses = byLogits || (IsUsual(threshold, label, some[r])
                    && LosesByArguments(
                        state.Stages[last], label, some[r], differences[(2 * r) + 1]));
                if (loses) closed?.Add(some[r], !byLogits);
                else yield return some[r];
            }
        }
    }

    /// <summary>
    /// For each rival, the most by which its logit exceeds the label's, and the same of arguments.
    /// </summary>
    private double[] Differences(
        LinearBounds linear, LinearState state, int last, int label, int[] rivals)
    {
        BackwardPass pass = linear.Pass;
        pass.Begin(state.Input, state.Stages, state.Lines);
        double[] logits = pass.Of(Tensor), arguments = linear.Arguments(last);
        for (int r = 0; r < rivals.Length; r++)
        {
            logits[(rivals[r] * pass.Rows) + (2 * r)] = 1;
            logits[(label * pass.Rows) + (2 * r)] = -1;
            if (FunctionOf(state.Stages[last], label, rivals[r]) is null) continue;
            arguments[(rivals[r] * pass.Rows) + (2 * r) + 1] = 1;
            arguments[(label * pass.Rows) + (2 * r) + 1] = -1;
        }

        pass.AddArguments(last, arguments);
        return pass.Run(Tensor);
    }

    private static bool LosesByArguments(Stage stage, int label, int other, double difference) =>
        FunctionOf(stage, label, other) is { } function
        && Decision.Loses(
            function, stage.Argument[label], stage.Argument[other], difference, other < label);

    /// <summary>The function that both logits are of arguments that follow their forms.</summary>
    private static ScalarFunction? FunctionOf(Stage stage, int label, int other) =>
        stage.IsLinked[label] && stage.IsLinked[other]
        && ReferenceEquals(stage.Function(label), stage.Function(other))
            ? stage.Function(label)
            : null;

    /// <summary>What a search needs to know of a rival.</summary>
    internal Rival RivalOf(LinearState state, int label, int other)
    {
        int last = LastStage();
        double threshold = other > label ? 1 : Threshold(state, label);
        return new(
            other, label, last,
            IsUsual(threshold, label, other)
                ? FunctionOf(state.Stages[last], label, other)
                : null)
        {
            Tensor = Tensor,
            Threshold = threshold,
        };
    }

    /// <summary>The tensor whose order is that of logits.</summary>
    private int Tensor => _softmax?.Layer.Inputs[0] ?? bounds.Layers.Count;

    /// <summary>The layer whose outputs these are, under whatever shape.</summary>
    private int LastStage()
    {
        int last = Tensor - 1;
        while (bounds.Layers[last].Layer is ReshapeLayer reshape && reshape.Inputs[0] > 0)
            last = reshape.Inputs[0] - 1;
        return last;
    }

    /// <summary>The softmax that comes last and keeps the order of its inputs.</summary>
    private static SoftmaxBound? SoftmaxOf(ProgramBounds bounds)
    {
        int last = bounds.Layers.Count - 1;
        while (bounds.Layers[last].Layer is ReshapeLayer reshape && reshape.Inputs[0] > 0)
            last = reshape.Inputs[0] - 1;
        return bounds.Layers[last] is SoftmaxBound { Order: not null } softmax
            && softmax.Layer.Inputs[0] > 0
                ? softmax
                : null;
    }

    /// <summary>
    /// A rival with a lower index loses where the difference is below it: an integer less than
    /// nothing, and a softmax may make equal what is not. One with a higher index needs more than
    /// the label, 1 at least.
    /// </summary>
    private double Threshold(LinearState state, int label) => _softmax is null
        ? 0
        : 1.0 - _softmax.StrictGap(state.Stages[Tensor - 1].Output, label)
            ?? double.NegativeInfinity;

    private static bool IsUsual(double threshold, int label, int other) =>
        threshold == (other < label ? 0 : 1);

    /// <summary>
    /// The layer whose lines leave the most room, weighed by what it means to the logits.
    /// </summary>
    internal string Blame(LinearBounds linear, LinearState state, int label, int rival)
    {
        Differences(linear, state, LastStage(), label, [rival]);
        double[] gaps = linear.Pass.Gaps;
        int worst = Array.IndexOf(gaps, gaps.Max());
        return $"{bounds.Program.Layers[worst].Name} {state.Stages[worst].Loose ?? "output"}";
    }
}
