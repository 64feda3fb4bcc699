using QSim.Attacks.Gradients;

namespace QSim.Attacks.Evaluation;

/// <summary>
/// A classifier that can make the steps of an attack where its images are, as
/// <see cref="IClimbingModel"/> does.
/// </summary>
internal interface IClimber : IDifferentiableClassifier
{
    /// <summary>Images that it wants together; 0 where it does not mind.</summary>
    int ImagesAtOnce { get; }

    /// <summary>Whether it can.</summary>
    bool CanClimb(Climb climb);

    /// <summary>Makes the steps.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    void Make(Climb climb, ClimbImages images, CancellationToken cancellation);
}
