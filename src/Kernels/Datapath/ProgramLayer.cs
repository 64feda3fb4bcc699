using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// One layer that runs. Whatever anybody outside a backend asks of a layer is a member here, so
/// that a new type of layer compiles only once it answers.
/// </summary>
/// <param name="Name">Unique in its program; the float network's name for the layer.</param>
/// <param name="Inputs">
/// Tensors it reads: 0 is the program's input, i + 1 the output of layer i.
/// </param>
/// <param name="Output">Type of what it writes.</param>
public abstract record ProgramLayer(string Name, ImmutableArray<int> Inputs, TensorType Output)
{
    private object? _facts;

    /// <summary>A changed copy is another layer: it works out its facts anew.</summary>
    protected ProgramLayer(ProgramLayer original) =>
        (Name, Inputs, Output) = (original.Name, original.Inputs, original.Output);

    /// <summary>The stages at which a conversion can change a value, ascending.</summary>
    public abstract ImmutableArray<EventStage> EventStages { get; }

    /// <summary>Whether any of its conversions draws random bits.</summary>
    public abstract bool IsStochastic { get; }

    /// <summary>
    /// How the conversion that makes the output rounds; null where outputs are input values.
    /// </summary>
    public abstract RoundingMode? OutputRounding { get; }

    /// <summary>Null when it is put together correctly, else the first thing that is not.</summary>
    /// <param name="inputs">Types of the tensors that it reads.</param>
    public abstract string? WhyNot(IReadOnlyList<TensorType> inputs);

    /// <summary>
    /// The exact intermediates and how wide they get, from the formats; of a multiply-accumulate
    /// layer also from its weights, where formats alone would be too wide. For layers of which
    /// <see cref="WhyNot"/> says nothing.
    /// </summary>
    /// <param name="inputs">Types of the tensors that it reads.</param>
    public abstract IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs);

    /// <summary>What it can write.</summary>
    /// <param name="inputs">What the tensors that it reads can hold.</param>
    public abstract RawRange OutputRange(IReadOnlyList<RawRange> inputs);

    /// <summary>
    /// Integers so many that files keep them apart, as arrays; without it they stay among the
    /// layer's settings. Of a multiply-accumulate unit those beside weights and biases.
    /// </summary>
    internal virtual ImmutableArray<LayerTable> Tables => [];

    /// <summary>Equal when made of the same; what was worked out since does not count.</summary>
    public virtual bool Equals(ProgramLayer? other) =>
        other is not null
        && EqualityContract == other.EqualityContract
        && (Name, Inputs, Output) == (other.Name, other.Inputs, other.Output);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(EqualityContract, Name, Inputs, Output);

    /// <summary>Facts that take a while: worked out when first asked for, then kept.</summary>
    private protected TFacts Once<TLayer, TFacts>(TLayer layer, Func<TLayer, TFacts> compute)
        where TFacts : class =>
        (TFacts)(_facts
            ?? Interlocked.CompareExchange(ref _facts, compute(layer), null)
            ?? _facts);

    /// <summary>Whether it reads the one tensor whose type it states.</summary>
    protected static string? ReadsOther(TensorType stated, IReadOnlyList<TensorType> inputs) =>
        inputs.Count != 1 ? $"reads {inputs.Count} tensors where 1 is needed"
        : stated != inputs[0] ? $"states the input {stated} and reads {inputs[0]}"
        : null;
}

/// <summary>Integers of a layer, under a name of their own.</summary>
/// <param name="Name">What files call them, behind the layer's name.</param>
/// <param name="Entries">The integers.</param>
/// <param name="With">A copy of the layer with others.</param>
internal readonly record struct LayerTable(
    string Name, ImmutableArray<int> Entries,
    Func<ProgramLayer, ImmutableArray<int>, ProgramLayer> With);

/// <summary>An exact intermediate and how wide it gets.</summary>
/// <param name="Stage">As in <c>the exact product</c>.</param>
/// <param name="Bits">Width of the two's complement integer that holds it.</param>
public readonly record struct StageWidth(string Stage, int Bits);
