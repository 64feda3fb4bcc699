using QSim.Attacks.Gradients;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Methods;

/// <summary>
/// An attack that works from the hardware's design, and so has to be made for each piece of
/// hardware.
/// </summary>
internal interface IDesignAttack : IAttack
{
    /// <summary>
    /// The attack on one design; the caller disposes of it where it is disposable.
    /// </summary>
    /// <param name="network">The network that the program was made from.</param>
    /// <param name="program">
    /// The hardware; null for the float network itself, which has no registers to press.
    /// </param>
    /// <param name="gradients">What differentiates for it; null for the managed engine.</param>
    IAttack For(
        FloatNetwork network, QuantizedProgram? program, IGradientEngine? gradients = null);
}
