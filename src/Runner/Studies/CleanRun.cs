using QSim.Attacks.Gradients;
using QSim.Kernels.Backends;
using QSim.Runner.Data;
using QSim.Simulator;

namespace QSim.Runner.Studies;

/// <summary>One pass of clean images through a program.</summary>
/// <param name="Predictions">The class of each image.</param>
/// <param name="Events">What happened to values on the way, per layer and stage.</param>
public sealed record CleanRun(int[] Predictions, IReadOnlyList<StageCount> Events)
{
    /// <summary>Runs the images.</summary>
    public static CleanRun Of(ulong seed, string profile, Simulation simulation, ImageSet images)
    {
        RunResult run = simulation.Run(images.Pixels, RunOptions.WithEvents);
        int classes = simulation.Classes;
        return new(
            [.. Enumerable.Range(0, images.Count).Select(i =>
                Simulation.ArgMax(run.Outputs.AsSpan(i * classes, classes)))],
            [.. Count(seed, profile, simulation, run, images.Count)]);
    }

    private static IEnumerable<StageCount> Count(
        ulong seed, string profile, Simulation simulation, RunResult run, int images) =>
        from layer in Enumerable.Range(0, run.Events.Length)
        let elements = (long)simulation.Program.Layers[layer].Output.Shape.Length * images
        from stage in run.Events[layer].Stages
        select new StageCount(
            seed, profile, run.Events[layer].Layer, stage.Stage.ToString().ToLowerInvariant(),
            stage.Overflowed.Sum(), stage.Inexact.Sum(), elements);
}

/// <summary>What a float network says.</summary>
public static class Predictions
{
    /// <summary>The class of each image: the largest logit, the lowest index among equals.</summary>
    public static int[] Of(IGradientModel model, ReadOnlySpan<float> images, int count)
    {
        var logits = new float[count * model.Classes];
        model.Logits(images, count, logits);
        int[] classes = new int[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> row = logits.AsSpan(i * model.Classes, model.Classes);
            for (int c = 1; c < row.Length; c++)
                if (row[c] > row[classes[i]]) classes[i] = c;
        }

        return classes;
    }
}
