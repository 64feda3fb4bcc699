using QSim.Certificates.Linear;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Bounds;

/// <summary>What is known of one layer whatever the box; worked out once for a program.</summary>
internal abstract class LayerBound(ProgramLayer layer)
{
    public ProgramLayer Layer => layer;

    /// <summary>What the layer makes of boxes.</summary>
    /// <param name="inputs">One box for each tensor that it reads.</param>
    public abstract Stage Forward(IReadOnlyList<TensorBox> inputs);

    /// <summary>The most terms that one input's coefficient is a sum of.</summary>
    public abstract int Fan { get; }

    /// <summary>Adds coefficients of arguments to those of the tensors that it reads.</summary>
    /// <param name="pass">Where the coefficients are.</param>
    /// <param name="arguments">Coefficients of its arguments, [output][row].</param>
    /// <param name="live">Outputs with a coefficient that is not 0.</param>
    public abstract void PushBack(BackwardPass pass, double[] arguments, bool[] live);

    /// <summary>
    /// How far apart planes that <see cref="PushBack"/> takes for an argument are; 0 for exact
    /// forms. It says whom to blame, and no bound depends on it.
    /// </summary>
    public virtual double Gap(BackwardPass pass, int output) => 0;

    /// <summary>
    /// What values of its inputs make of its arguments, constants left out; for steering a search,
    /// not for bounds.
    /// </summary>
    /// <param name="inputs">Of each tensor that it reads, [value][row].</param>
    /// <param name="arguments">Filled, [output][row].</param>
    /// <param name="rows">How many rows.</param>
    public abstract void PushForward(
        IReadOnlyList<double[]> inputs, double[] arguments, int rows);
}
