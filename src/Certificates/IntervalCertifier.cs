using QSim.Certificates.Bounds;
using QSim.Kernels.Datapath;

namespace QSim.Certificates;

/// <summary>Certificates by intervals alone.</summary>
/// <param name="bounds">Bounds of the program.</param>
public sealed class IntervalCertifier(ProgramBounds bounds)
{
    /// <summary>Whether every input of a box has a label.</summary>
    public BoundsResult Certify(TensorBox box, int label)
    {
        Stage[] stages = bounds.Stages(box);
        return Decision.Rivals(stages[^1].Output, label).Any()
            ? new(false, Blame(bounds.Program, stages))
            : new(true, null);
    }

    /// <summary>
    /// The first stage where any value of a format had to be taken; else the last layer that mixes
    /// inputs, for intervals forget what these have in common.
    /// </summary>
    internal static string Blame(QuantizedProgram program, Stage[] stages)
    {
        int loose = Array.FindIndex(stages, s => s.Loose is not null);
        if (loose >= 0)
            return $"{program.Layers[loose].Name} {stages[loose].Loose}";
        ProgramLayer last = program.Layers.LastOrDefault(l => l is MacLayer) ?? program.Layers[^1];
        return $"{last.Name} sum";
    }
}
