using ILGPU;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>Where a kernel stores, and what it masks by; as large, or empty.</summary>
/// <param name="To">Filled.</param>
/// <param name="Mask">Read where the ending masks.</param>
internal readonly record struct Target(ArrayView<float> To, ArrayView<float> Mask)
{
    /// <summary>The same from one place on.</summary>
    public Target From(long at, Ending ending) =>
        new(To.SubView(at), ending.Masks == 1 ? Mask.SubView(at) : Mask);

    /// <summary>What becomes of one value.</summary>
    public float Ended(long at, float value, Ending ending)
    {
        if (ending.Adds == 1) value += To[at];
        if (ending.Floor > float.NegativeInfinity)
            value = value < ending.Floor ? ending.Floor : value;
        if (ending.Masks == 1) value = Mask[at] > 0 ? value : 0;
        return value;
    }

    /// <summary>Stores one value.</summary>
    public void Store(long at, float value, Ending ending) => To[at] = Ended(at, value, ending);

    /// <summary>
    /// Stores up to eight values. All that is read is read first: nothing is read ahead of a store
    /// that might change it, and each would wait for the one before.
    /// </summary>
    /// <param name="at">Where the first is stored.</param>
    /// <param name="step">How far the next is from it.</param>
    /// <param name="values">The values.</param>
    /// <param name="count">How many of them; more than eight are eight.</param>
    /// <param name="ending">What becomes of them.</param>
    public void Store(long at, long step, EightFloats values, int count, Ending ending)
    {
        EightFloats ended = new(
            Ended(at, values.A, ending),
            count > 1 ? Ended(at + step, values.B, ending) : 0,
            count > 2 ? Ended(at + (2 * step), values.C, ending) : 0,
            count > 3 ? Ended(at + (3 * step), values.D, ending) : 0,
            count > 4 ? Ended(at + (4 * step), values.E, ending) : 0,
            count > 5 ? Ended(at + (5 * step), values.F, ending) : 0,
            count > 6 ? Ended(at + (6 * step), values.G, ending) : 0,
            count > 7 ? Ended(at + (7 * step), values.H, ending) : 0);
        To[at] = ended.A;
        if (count > 1) To[at + step] = ended.B;
        if (count > 2) To[at + (2 * step)] = ended.C;
        if (count > 3) To[at + (3 * step)] = ended.D;
        if (count > 4) To[at + (4 * step)] = ended.E;
        if (count > 5) To[at + (5 * step)] = ended.F;
        if (count > 6) To[at + (6 * step)] = ended.G;
        if (count > 7) To[at + (7 * step)] = ended.H;
    }
}
