using QSim.Attacks.Evaluation;

namespace QSim.Attacks.Methods;

/// <summary>
/// A way to look for adversarial images. It moves <see cref="AttackRun.Current"/> and asks
/// questions; budget, clipping, verdict and book-keeping are the run's.
/// </summary>
public interface IAttack
{
    /// <summary>Its name in results; with the seed it keys the attack's randomness.</summary>
    string Name { get; }

    /// <summary>What it has to see.</summary>
    Knowledge Needs { get; }

    /// <summary>
    /// Whether it looks for the smallest change rather than any within the budget; then an image is
    /// not left alone as soon as it is broken.
    /// </summary>
    bool IsMinimalNorm => false;

    /// <summary>Whether it takes a single gradient.</summary>
    bool IsSingleStep => false;

    /// <summary>
    /// Questions to the source after which an attempt gives up; 0 where more of them would be no
    /// more of the same.
    /// </summary>
    int Steps => 0;

    /// <summary>Whether another restart would do the same again.</summary>
    bool IsDeterministic => false;

    /// <summary>
    /// Whether each attempt goes for something else, so that the last one is no sign for more.
    /// </summary>
    bool AttemptsDiffer => false;

    /// <summary>
    /// Attempts that make up the attack, as targets do; each starts from the original images.
    /// </summary>
    /// <param name="classes">Number of classes.</param>
    int Attempts(int classes) => 1;

    /// <summary>
    /// Whether images that fool the source are left alone by later attempts even where they are
    /// judged elsewhere.
    /// </summary>
    bool StopsAtSource => false;

    /// <summary>
    /// Whether it has something that two runs must not use at the same time: then one run attacks
    /// the whole batch.
    /// </summary>
    bool RunsAlone => false;

    /// <summary>
    /// Whether it starts from the best image that was shown so far, so that the run has to keep it.
    /// </summary>
    bool StartsAtBest => false;

    /// <summary>
    /// Classes that there have to be for its loss to mean anything; with fewer it climbs nothing.
    /// </summary>
    int LeastClasses => 2;

    /// <summary>Null when it knows the norm, else why not.</summary>
    string? WhyNot(Norm norm) => null;

    /// <summary>
    /// Makes one attempt at the images of a run that are still active;
    /// <see cref="AttackRun.Attempt"/> says which.
    /// </summary>
    void Run(AttackRun run);
}
