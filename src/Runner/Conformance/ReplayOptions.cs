using QSim.Kernels.Arithmetic;

namespace QSim.Runner.Conformance;

/// <summary>What the user says about files that do not say it themselves.</summary>
/// <param name="Dialect">
/// Whose reading of the corner cases; null tries both and says which one fits.
/// </param>
/// <param name="Show">How many mismatches to print in full.</param>
internal sealed record ReplayOptions(OverflowDialect? Dialect, int Show);
