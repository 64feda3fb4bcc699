namespace QSim.Certificates.Proofs;

/// <summary>
/// Why a box of raw inputs has one label, for whoever wants to check it: nothing but lines, slopes
/// and splits. Slopes and multiples are in units of 2^-30, offsets in units of 2^-16.
/// </summary>
/// <param name="Label">The label.</param>
/// <param name="Low">The lower ends of the box.</param>
/// <param name="High">The upper ends of the box.</param>
/// <param name="Lines">
/// By layer: lines that bound every argument of later layers. Of a layer whose outputs are
/// functions of one argument, four numbers an output: slope and offset of the lower line, then of
/// the upper.
/// Of a max pool the slopes of each window's values, padding left out, then the place in the window
/// of the value that bounds it from below.
/// </param>
/// <param name="Rivals">Classes that intervals do not exclude.</param>
public sealed record Proof(
    int Label, long[] Low, long[] High, long[][] Lines, IReadOnlyList<RivalProof> Rivals);

/// <summary>Why one class never wins.</summary>
/// <param name="Class">The class.</param>
/// <param name="Leaves">Branches that cover the box.</param>
public sealed record RivalProof(int Class, IReadOnlyList<LeafProof> Leaves);

/// <summary>Why a class does not win in one branch.</summary>
/// <param name="Path">The splits that lead there, from the first on.</param>
/// <param name="OfArguments">
/// Whether the bound is of the difference of the last layer's arguments; else of the logits'.
/// </param>
/// <param name="Lines">As in a proof, for the branch; null for those of the proof.</param>
/// <param name="Multiples">What multiples of limits are added.</param>
public sealed record LeafProof(
    IReadOnlyList<Split> Path, bool OfArguments, long[][]? Lines,
    IReadOnlyList<Multiple> Multiples);

/// <summary>A side of a split: arguments below a value, or from it on.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Output">Which of its outputs.</param>
/// <param name="At">The first value of the upper side.</param>
/// <param name="IsUpper">Which side.</param>
public readonly record struct Split(int Layer, int Output, long At, bool IsUpper);

/// <summary>Multiples of the two ends of an argument's limit, not negative.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Output">Which of its outputs.</param>
/// <param name="Upper">Of limit less argument.</param>
/// <param name="Lower">Of argument less limit.</param>
public readonly record struct Multiple(int Layer, int Output, long Upper, long Lower);
