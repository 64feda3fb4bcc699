namespace QSim.Attacks.Evaluation.Checks;

/// <summary>A reason not to believe a robustness figure.</summary>
/// <param name="Check">Which check, as in <c>zero_gradients</c>.</param>
/// <param name="About">The figure.</param>
/// <param name="Message">One line for people.</param>
public sealed record Doubt(string Check, Observation About, string Message);
