using QSim.Certificates.Bounds;
using QSim.Certificates.Functions;
using QSim.Certificates.Linear;
using QSim.Certificates.Search;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Proofs;

/// <summary>
/// Puts what bounds and search found into the numbers of a <see cref="Proof"/>: slopes to the next
/// unit, offsets found anew for the slopes as they are then.
/// </summary>
internal static class ProofWriter
{
    private const double SlopeUnit = 1L << 30;
    private const double OffsetUnit = 1 << 16;

    /// <summary>
    /// Arguments may come out a little wider for a checker, whose units are coarser than doubles.
    /// </summary>
    private const long Margin = 1;

    /// <summary>And by such a share of a step of what they are sums or products of.</summary>
    private const int StepShare = 16;

    /// <summary>Lines of every layer.</summary>
    /// <param name="program">The program.</param>
    /// <param name="stages">Its layers over a branch.</param>
    /// <param name="input">The box.</param>
    /// <param name="lines">The lines of an output.</param>
    /// <param name="limits">Arguments with ends that are known exactly.</param>
    public static long[][] Lines(
        ProgramBounds program, Stage[] stages, TensorBox input,
        Func<int, int, LinePair> lines, IReadOnlyList<Limit> limits)
    {
        var all = new long[stages.Length][];
        var isOfInput = new bool[stages.Length];
        for (int k = 0; k < stages.Length; k++)
        {
            LayerBound layer = program.Layers[k];
            int layerIndex = k;
            isOfInput[k] = layer.Layer.Inputs.All(
                t => t == 0 || (isOfInput[t - 1] && program.Layers[t - 1].Layer is ReshapeLayer));
            TensorBox Box(int tensor) => tensor == 0 ? input : stages[tensor - 1].Output;
            all[k] = layer switch
            {
                MaxBound pool => Max(pool, Box(layer.Layer.Inputs[0])),
                _ when layer.Layer is ReshapeLayer or RearrangeLayer => [],
                _ => [.. Enumerable.Range(0, stages[k].Output.Length).SelectMany(i => Of(
                    stages[layerIndex], i, lines(layerIndex, i),
                    isOfInput[layerIndex]
                        || limits.Any(l => (l.Layer, l.Output) == (layerIndex, i))
                            ? 0
                            : MarginOf(layer, i, Box)))],
            };
        }

        return all;
    }

    /// <summary>A multiple of a limit, in units.</summary>
    public static long Multiple(double value) => (long)Math.Floor(value * SlopeUnit);

    private static long[] Of(Stage stage, int i, LinePair pair, long margin)
    {
        Interval known = stage.Argument[i];
        Interval x = new(known.Low - margin, known.High + margin);
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

    private static long MarginOf(LayerBound layer, int output, Func<int, TensorBox> box)
    {
        double step = layer switch
        {
            AddBound add => add.Scales.Max(Math.Abs),
            MultiplyBound => layer.Layer.Inputs.Max(t => Math.Max(
                Math.Abs((double)box(t).Low[output]), Math.Abs((double)box(t).High[output]))),
            _ => 0,
        };
        return Margin + (long)(step / StepShare);
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
