using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Reference;

/// <summary>One layer working on one image: where its random bits come from and its events go.</summary>
internal sealed record LayerRun(ulong Seed, int Layer, long Image, TensorShape Output, EventCounter Counter)
{
    /// <summary>The random bits of one conversion of one output element.</summary>
    public ulong Random(EventStage stage, int element, int step = 0) =>
        StochasticBits.Of(Seed, Layer, (int)stage, Image, element, step);

    /// <summary>Counts the events of one output element.</summary>
    public void Record(EventStage stage, int element, ConversionEvents events) =>
        Counter.Record(
            stage, new(Image, element / Output.Positions, element % Output.Positions), events);
}
