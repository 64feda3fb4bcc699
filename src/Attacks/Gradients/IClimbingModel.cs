using QSim.Attacks.Evaluation;
using QSim.Simulator;

namespace QSim.Attacks.Gradients;

/// <summary>Steps of the gradient's sign up a loss, each into bounds.</summary>
/// <param name="Loss">The loss.</param>
/// <param name="Steps">How many.</param>
/// <param name="Step">Length of a step.</param>
/// <param name="Budget">The bounds: whose norm is L-infinity.</param>
/// <param name="StopsAtFooled">Whether an image is left as it is once it fools.</param>
internal sealed record Climb(
    ILoss Loss, int Steps, float Step, Budget Budget, bool StopsAtFooled);

/// <summary>The images of a climb, one row each, and what became of them.</summary>
/// <param name="Pixels">Where they start, within bounds or not; filled with where they end.</param>
/// <param name="Originals">What the budget is about.</param>
/// <param name="Labels">The true classes, which the loss is about.</param>
/// <param name="Logits">
/// Filled with the logits where they end, [image][class], as a question there would give them.
/// </param>
internal sealed record ClimbImages(
    float[] Pixels, float[] Originals, int[] Labels, float[] Logits)
{
    /// <summary>Filled: the class where each ends.</summary>
    public int[] Decisions { get; } = new int[Labels.Length];

    /// <summary>Filled: the class that each was last seen as before a step.</summary>
    public int[] Classes { get; } = new int[Labels.Length];

    /// <summary>Filled: how often each was looked at.</summary>
    public int[] Questions { get; } = new int[Labels.Length];

    /// <summary>Filled: how often the gradient was zero everywhere.</summary>
    public int[] Zeros { get; } = new int[Labels.Length];
}

/// <summary>
/// A gradient model that climbs where its images are, a device's memory, say: they need not come
/// back after every step. What it gives is what the steps give when they are made one by one.
/// </summary>
internal interface IClimbingModel : IGradientModel
{
    /// <summary>
    /// Images that it wants together, fewer where they are large; it is slow with few at a time.
    /// </summary>
    int ImagesAtOnce { get; }

    /// <summary>Whether it can.</summary>
    /// <param name="climb">The steps.</param>
    /// <param name="hardware">Whose forward pass it is; null for the network's own.</param>
    bool CanClimb(Climb climb, Simulation? hardware);

    /// <summary>Makes the steps.</summary>
    /// <param name="climb">The steps.</param>
    /// <param name="images">The images.</param>
    /// <param name="hardware">As for <see cref="CanClimb"/>.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    void Make(
        Climb climb, ClimbImages images, Simulation? hardware, CancellationToken cancellation);
}
