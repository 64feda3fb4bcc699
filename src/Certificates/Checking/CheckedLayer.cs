using QSim.Kernels.Datapath;

namespace QSim.Certificates.Checking;

/// <summary>
/// One layer as the checker has it: every output is a function of one argument, and the argument
/// follows a linear form of the layer's inputs. Written apart from bounds and search, so that one
/// fault does not hide in both.
/// </summary>
internal abstract class CheckedLayer(ProgramLayer layer)
{
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
}
