using QSim.Certificates.Bounds;
using QSim.Certificates.Checking;
using QSim.Certificates.Functions;
using QSim.Certificates.Linear;
using QSim.Certificates.Proofs;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Search;

/// <summary>
/// Puts what bounds and search found about one box into the numbers of a <see cref="Proof"/>:
/// slopes to the next unit, offsets found anew for the slopes as they are then, over the intervals
/// that a checker will have. Its units are coarser than doubles, so that these are a little wider,
/// and wider still from layer to layer.
/// </summary>
internal sealed class ProofWriter
{
    private const double SlopeUnit = 1L << 30;
    private const double OffsetUnit = 1 << 16;

    private readonly ProgramBounds _program;
    private readonly LinearState _state;
    private readonly CheckedArguments?[] _known;

    /// <summary>For a box.</summary>
    /// <param name="program">The program.</param>
    /// <param name="checker">A checker of it.</param>
    /// <param name="state">The box.</param>
    public ProofWriter(ProgramBounds program, ProofChecker checker, LinearState state)
    {
        (_program, _state) = (program, state);
        _known = new CheckedArguments?[state.Stages.Length];
        Root = new long[_known.Length][];
        checker.TryRoot(state.Input.Low, state.Input.High, (layer, known) =>
        {
            _known[layer] = known;
            return Root[layer] = OfRoot(layer);
        });
        // Where the checker stops it says so of any proof.
        for (int layer = 0; layer < Root.Length; layer++) Root[layer] ??= OfRoot(layer);
    }

    /// <summary>Lines of every layer over the box.</summary>
    public long[][] Root { get; }

    /// <summary>Lines of every layer over a branch.</summary>
    /// <param name="stages">Its layers over the branch.</param>
    /// <param name="lines">The lines of an output.</param>
    /// <param name="limits">Arguments with ends that are known exactly.</param>
    public long[][] Lines(
        Stage[] stages, Func<int, int, LinePair> lines, IReadOnlyList<Limit> limits)
    {
        var limited = limits.ToDictionary(l => (l.Layer, l.Output), l => l.Argument);
        return [.. Enumerable.Range(0, stages.Length).Select(layer => Lines(
            layer, stages, i => lines(layer, i),
            i => limited.TryGetValue((layer, i), out Interval limit)
                ? limit
                : Known(layer, i, stages[layer].Argument[i])))];
    }

    /// <summary>A multiple of a limit, in units.</summary>
    public static long Multiple(double value) => (long)Math.Floor(value * SlopeUnit);

    private long[] OfRoot(int layer) => Lines(
        layer, _state.Stages, i => _state.Lines[layer][i],
        i => Known(layer, i, _state.Stages[layer].Argument[i]));

    private Interval Known(int layer, int output, Interval own) => _known[layer] is { } known
        ? own.Or(new(known.Low[output], known.High[output]))
        : own;

    private long[] Lines(
        int layer, Stage[] stages, Func<int, LinePair> lines, Func<int, Interval> arguments)
    {
        LayerBound bound = _program.Layers[layer];
        if (bound.Layer is ReshapeLayer or RearrangeLayer) return [];
        if (bound is MaxBound pool)
        {
            int tensor = bound.Layer.Inputs[0];
            return Max(pool, tensor == 0 ? _state.Input : stages[tensor - 1].Output);
        }

        return [.. Enumerable.Range(0, stages[layer].Output.Length).SelectMany(
            i => Of(stages[layer], i, lines(i), arguments(i)))];
    }

    private static long[] Of(Stage stage, int i, LinePair pair, Interval x)
    {
        long low = (long)Math.Round(pair.Low.Slope * SlopeUnit),
            high = (long)Math.Round(pair.High.Slope * SlopeUnit);
        ScalarFunction? function = stage.IsLinked[i] ? stage.Function(i) : null;
        if (function is null || Relaxation.Touching(
            function, x, low / SlopeUnit, high / SlopeUnit) is not { } exact)
        {
            bool isLoose = false;
            Interval flat = function?.Range(x, ref isLoose) ?? stage.Output[i];
            flat = flat.Or(stage.Output[i]);
            return [0, flat.Low << 16, 0, flat.High << 16];
        }

        return
        [
            low, (long)Math.Floor(exact.Low.Offset * OffsetUnit),
            high, (long)Math.Ceiling(exact.High.Offset * OffsetUnit),
        ];
    }

    private static long[] Max(MaxBound pool, TensorBox input)
    {
        int positions = pool.Layer.Output.Shape.Positions;
        var all = new List<long>();
        for (int output = 0; output < pool.Layer.Output.Shape.Length; output++)
        {
            int[] places =
            [
                .. pool.Map.Places(output / positions, output % positions).Where(p => p >= 0),
            ];
            MaxLines lines = MaxLines.Of(input, places);
            all.AddRange(lines.Slopes.Select(s => (long)Math.Round(s * SlopeUnit)));
            all.Add(Array.IndexOf(places, lines.Largest));
        }

        return [.. all];
    }
}
