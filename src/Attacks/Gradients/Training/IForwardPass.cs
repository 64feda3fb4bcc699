using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Training;

/// <summary>
/// What lies between the parameters that training changes, the master copy, and the forward pass
/// that they are judged by.
/// </summary>
internal interface IForwardPass
{
    /// <summary>
    /// An engine on what the forward pass computes; may be another one after
    /// <see cref="Calibrate"/>.
    /// </summary>
    ITrainableModel Model { get; }

    /// <summary>
    /// Chooses scales anew: once before the first step and after every epoch. Leaves the network
    /// with what the forward pass sees.
    /// </summary>
    /// <param name="master">The parameters, layer after layer.</param>
    void Calibrate(ReadOnlySpan<float> master);

    /// <summary>
    /// Puts what the forward pass sees of the parameters into the network and its engine.
    /// </summary>
    void Load(ReadOnlySpan<float> master);

    /// <summary>Moves parameters that a step took out of a fixed range back into it.</summary>
    void Constrain(Span<float> master);
}

/// <summary>Nothing in between: the float network.</summary>
/// <param name="network">Its parameter arrays are changed.</param>
/// <param name="model">An engine on it.</param>
internal sealed class FloatPass(FloatNetwork network, ITrainableModel model) : IForwardPass
{
    /// <inheritdoc/>
    public ITrainableModel Model => model;

    /// <inheritdoc/>
    public void Calibrate(ReadOnlySpan<float> master)
    {
    }

    /// <inheritdoc/>
    public void Load(ReadOnlySpan<float> master)
    {
        FlatParameters.CopyTo(master, network);
        model.Refresh();
    }

    /// <inheritdoc/>
    public void Constrain(Span<float> master)
    {
    }
}
