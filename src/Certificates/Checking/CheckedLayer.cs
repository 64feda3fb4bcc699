using QSim.Kernels.Datapath;

namespace QSim.Certificates.Checking;

/// <summary>
/// One layer as the checker has it: every output is a function of one argument, and the argument
/// follows a linear form of the layer's inputs. Written apart from bounds and search, so that one
/// fault does not hide in both.
/// </summary>
internal abstract class CheckedLayer(ProgramLayer layer)
{
    /// <summary>The layer.</summary>
    public ProgramLayer Layer => layer;

    /// <summary>Null where the checker follows such a layer, else why it does not.</summary>
    public virtual string? WhyNot => null;

    /// <summary>
    /// Whether outputs are their arguments: a proof then has no lines for them.
    /// </summary>
    public virtual bool IsIdentity => false;

    /// <summary>
    /// Whether arguments are sums or products, of which lines can say more than intervals.
    /// </summary>
    public virtual bool Joins => false;

    /// <summary>Where an argument lies, over a box of every tensor that comes before.</summary>
    public abstract CheckedArgument Argument(int output, CheckedBoxes boxes);

    /// <summary>Whether it takes multiples in units of 2^-60, not of 2^-30.</summary>
    public virtual bool IsFine => false;

    /// <summary>
    /// Adds a multiple of an argument to a form, as what it comes to in the layer's inputs; what
    /// <see cref="CheckedArgument"/> allows beside is the form's business.
    /// </summary>
    /// <param name="form">The form, over boxes.</param>
    /// <param name="output">Whose argument.</param>
    /// <param name="multiple">The multiple.</param>
    public abstract void Add(CheckedForm form, int output, Int128 multiple);

    /// <summary>The output that an argument gives.</summary>
    public virtual long Apply(int output, long argument) => argument;

    /// <summary>
    /// Stretches of arguments over each of which the function only rises, or only falls; null where
    /// nobody knows any.
    /// </summary>
    public virtual IReadOnlyList<(long Low, long High)>? Pieces(int output, long low, long high) =>
        [(low, high)];

    /// <summary>What outputs may be where there are no stretches.</summary>
    public virtual (long Low, long High) Whole(int output) =>
        (layer.Output.MinRaw, layer.Output.MaxRaw);

    /// <summary>Whether two outputs are the same function of their arguments.</summary>
    public virtual bool Shares(int one, int other) => true;

    /// <summary>The checker's own view of a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="inputs">Types of what it reads.</param>
    public static CheckedLayer Of(ProgramLayer layer, TensorType[] inputs) => layer switch
    {
        MacLayer mac => new CheckedMac(mac),
        MaxPoolLayer pool => new CheckedMax(pool),
        AveragePoolLayer pool => new CheckedAverage(pool),
        AddLayer { Real.IsUsed: not 0 } add => new CheckedRealAdd(add, inputs),
        AddLayer add => new CheckedAdd(add),
        MultiplyLayer product => new CheckedProduct(product),
        ConcatLayer or ClampLayer or LookupLayer or ReshapeLayer or RearrangeLayer =>
            new CheckedElement(layer, inputs),
        _ => new CheckedUnknown(layer),
    };
}

/// <summary>Where an argument lies, and how far it may be from its form.</summary>
/// <param name="Low">Its least.</param>
/// <param name="High">Its most.</param>
/// <param name="Down">How far below the form, 0 or more.</param>
/// <param name="Up">How far above the form, 0 or more.</param>
internal readonly record struct CheckedArgument(
    Int128 Low, Int128 High, long Down = 0, long Up = 0);

/// <summary>Where the arguments of a layer lie.</summary>
internal sealed class CheckedArguments(int outputs)
{
    /// <summary>Their least.</summary>
    public long[] Low { get; } = new long[outputs];

    /// <summary>Their most.</summary>
    public long[] High { get; } = new long[outputs];

    /// <summary>How far below their forms.</summary>
    public long[] Down { get; } = new long[outputs];

    /// <summary>How far above their forms.</summary>
    public long[] Up { get; } = new long[outputs];
}

/// <summary>The least and the largest value of each tensor of a program.</summary>
internal sealed class CheckedBoxes(int tensors)
{
    /// <summary>By tensor.</summary>
    public long[][] Low { get; } = new long[tensors][];

    /// <summary>By tensor.</summary>
    public long[][] High { get; } = new long[tensors][];
}

/// <summary>A layer that the checker does not follow.</summary>
internal sealed class CheckedUnknown(ProgramLayer layer) : CheckedLayer(layer)
{
    /// <inheritdoc/>
    public override string WhyNot =>
        $"layer '{Layer.Name}' is of a kind that the checker does not follow";

    /// <inheritdoc/>
    public override CheckedArgument Argument(int output, CheckedBoxes boxes) =>
        throw new CheckException(WhyNot);

    /// <inheritdoc/>
    public override void Add(CheckedForm form, int output, Int128 multiple) =>
        throw new CheckException(WhyNot);
}
