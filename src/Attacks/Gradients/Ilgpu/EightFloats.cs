namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// Eight numbers that a thread keeps in registers: the sums, or the weights, of eight channels, or
/// eight neighbouring pixels.
/// </summary>
/// <param name="A">The first.</param>
/// <param name="B">The second.</param>
/// <param name="C">The third.</param>
/// <param name="D">The fourth.</param>
/// <param name="E">The fifth.</param>
/// <param name="F">The sixth.</param>
/// <param name="G">The seventh.</param>
/// <param name="H">The last.</param>
internal readonly record struct EightFloats(
    float A, float B, float C, float D, float E, float F, float G, float H)
{
    /// <summary>How many.</summary>
    public const int Count = 8;

    /// <summary>Eight sums.</summary>
    public EightFloats Add(EightFloats x) => new(
        A + x.A, B + x.B, C + x.C, D + x.D, E + x.E, F + x.F, G + x.G, H + x.H);

    /// <summary>Effectively computes <c>this[i] + (x * k[i])</c>.</summary>
    public EightFloats Add(float x, EightFloats k) => new(
        A + (x * k.A), B + (x * k.B), C + (x * k.C), D + (x * k.D),
        E + (x * k.E), F + (x * k.F), G + (x * k.G), H + (x * k.H));

    /// <summary>
    /// The same, of the first <paramref name="count"/>; costs less where that is a constant, and
    /// where it is more than eight nothing is left out.
    /// </summary>
    public EightFloats Add(float x, EightFloats k, int count) => new(
        A + (x * k.A),
        count > 1 ? B + (x * k.B) : B,
        count > 2 ? C + (x * k.C) : C,
        count > 3 ? D + (x * k.D) : D,
        count > 4 ? E + (x * k.E) : E,
        count > 5 ? F + (x * k.F) : F,
        count > 6 ? G + (x * k.G) : G,
        count > 7 ? H + (x * k.H) : H);

    /// <summary>One of them; costs nothing where <paramref name="j"/> is a constant.</summary>
    public float Of(int j) =>
        j == 0 ? A : j == 1 ? B : j == 2 ? C : j == 3 ? D
        : j == 4 ? E : j == 5 ? F : j == 6 ? G : H;

    /// <summary>The last seven, and one more.</summary>
    public EightFloats Then(float next) => new(B, C, D, E, F, G, H, next);
}
