namespace QSim.Runner.Studies.Predictions;

/// <summary>
/// What the margin model predicts of one target under one budget, beside what an attack left.
/// </summary>
/// <param name="Seed">The seed.</param>
/// <param name="Target">The target.</param>
/// <param name="Attack">
/// The attack it is compared with: threat model hardware, one of the study's or the worst.
/// </param>
/// <param name="Epsilon">As the user wrote it.</param>
/// <param name="EpsilonValue">What that comes to.</param>
/// <param name="Images">Images in all.</param>
/// <param name="PredictedCorrect">Images that the model finds right.</param>
/// <param name="MeasuredCorrect">Images that the attack left right.</param>
/// <param name="Predicted">Accuracy, 0..1.</param>
/// <param name="Measured">Accuracy, 0..1.</param>
/// <param name="ErrorPoints">Predicted less measured, in points.</param>
internal sealed record Prediction(
    ulong Seed, string Target, string Attack, string Epsilon, double EpsilonValue, int Images,
    int PredictedCorrect, int MeasuredCorrect, double Predicted, double Measured,
    double ErrorPoints)
{
    /// <summary>A prediction from counts.</summary>
    public static Prediction Of(AccuracyCell measured, int predicted) =>
        new(
            measured.Seed, measured.Target, measured.Attack, measured.Epsilon,
            measured.EpsilonValue, measured.Images, predicted, measured.Correct,
            (double)predicted / measured.Images, measured.Accuracy,
            Math.Round(100.0 * (predicted - measured.Correct) / measured.Images, 10));
}

/// <summary>
/// How good the predictions of one target under one attack are, over all seeds and budgets.
/// </summary>
/// <param name="Target">The target.</param>
/// <param name="Attack">The attack.</param>
/// <param name="Budgets">Budgets, each seed by itself.</param>
/// <param name="MeanErrorPoints">Mean of predicted less measured.</param>
/// <param name="MeanAbsoluteErrorPoints">Mean of its absolute value.</param>
/// <param name="LargestErrorPoints">The error of the largest absolute value.</param>
internal sealed record PredictionQuality(
    string Target, string Attack, int Budgets, double MeanErrorPoints,
    double MeanAbsoluteErrorPoints, double LargestErrorPoints);

/// <summary>Where the predicted curves of a profile and of the float network cross.</summary>
/// <param name="Profile">The profile.</param>
/// <param name="Epsilon">
/// The first crossing on the study's budgets, linear between them, means over the seeds; null where
/// there is none.
/// </param>
internal sealed record PredictedCrossover(string Profile, double? Epsilon);

/// <summary>How far a target's margins are from the float network's.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Target">The target.</param>
/// <param name="MeanSize">Mean size of the error of a margin, in logits.</param>
/// <param name="LargestSize">The largest.</param>
/// <param name="MeanShift">Mean error: below 0 where the right class loses.</param>
/// <param name="MedianMargin">The float network's median margin over the nearest rival.</param>
/// <param name="MedianRadius">
/// Median of the predicted radii; null where half the images have none.
/// </param>
internal sealed record MarginSummary(
    ulong Seed, string Target, double MeanSize, double LargestSize, double MeanShift,
    double MedianMargin, double? MedianRadius);
