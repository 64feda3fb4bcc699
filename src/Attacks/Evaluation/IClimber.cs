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

    /// <summary>
    /// Batches that may be under way on threads of their own: while the steps of one are made on
    /// the device, the host has the others' beginnings and ends to do.
    /// </summary>
    int BatchesAtOnce => 1;

    /// <summary>Whether it can.</summary>
    bool CanClimb(Climb climb);

    /// <summary>Makes the steps.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    void Make(Climb climb, ClimbImages images, CancellationToken cancellation);
}
