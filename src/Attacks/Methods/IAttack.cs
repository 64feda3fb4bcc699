using QSim.Attacks.Evaluation;

namespace QSim.Attacks.Methods;

/// <summary>
/// A way to look for adversarial images. It moves <see cref="AttackRun.Current"/> and asks questions; budget,
/// clipping, verdict and book-keeping are the run's.
/// </summary>
public interface IAttack
{
    /// <summary>Its name in results; with the seed it keys the attack's randomness.</summary>
    string Name { get; }

    /// <summary>What it has to see.</summary>
    Knowledge Needs { get; }

    /// <summary>
    /// Whether it looks for the smallest change rather than any within the budget; then an image is not left
    /// alone as soon as it is broken.
    /// </summary>
    bool IsMinimalNorm => false;

    /// <summary>Attacks the images of a run that are still active.</summary>
    void Run(AttackRun run);
}
