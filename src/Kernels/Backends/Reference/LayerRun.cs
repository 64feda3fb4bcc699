using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Reference;

/// <summary>
/// One layer working on one image: where its random bits come from and its events go.
/// </summary>
internal sealed record LayerRun(
    ulong Seed, int Layer, long Image, TensorShape Output, EventCounter Counter)
{
    /// <summary>Who keeps what registers hold; null where nobody does.</summary>
    public RegisterLog? Log { get; init; }

    /// <summary>
    /// The random bits of one conversion of one output element; 0 where none are needed.
    /// </summary>
    public ulong Random(RoundingMode mode, EventStage stage, int element, int step = 0) =>
        mode == RoundingMode.Stochastic
            ? StochasticBits.Of(Seed, Layer, (int)stage, Image, element, step)
            : 0;

    /// <summary>Counts what all conversions of a stage raised for one output element.</summary>
    public void Record(EventStage stage, int element, ConversionEvents events)
    {
        Counter.Record(
            stage, new(Image, element / Output.Positions, element % Output.Positions), events);
        Log?.Raise(stage, element, events);
    }

    /// <summary>One conversion of one output element, counted.</summary>
    public long Convert(long raw, in ConversionSpec spec, EventStage stage, int element)
    {
        ConversionEvents events = ConversionEvents.None;
        long converted = Conversion.Convert(
            raw, spec, ref events, Random(spec.Rounding, stage, element));
        Record(stage, element, events);
        return converted;
    }

    /// <summary>
    /// The requantization of one output element, counted with the events before it.
    /// </summary>
    public long Requantize(long raw, in Requantization spec, int element, ConversionEvents events)
    {
        ulong random = Random(spec.Output.Rounding, EventStage.Output, element);
        long output = Requantizer.Requantize(raw, spec, ref events, random);
        Record(EventStage.Output, element, events);
        return output;
    }
}
