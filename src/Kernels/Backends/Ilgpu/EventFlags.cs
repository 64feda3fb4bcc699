using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>The events of one output element in one integer: two bits per stage.</summary>
internal static class EventFlags
{
    private const int BitsPerStage = 2;
    private const int Mask = 3;

    /// <summary>A stage's events, in their place.</summary>
    public static int Of(EventStage stage, ConversionEvents events) =>
        (int)events << (BitsPerStage * (int)stage);

    /// <summary>The events of one stage.</summary>
    public static ConversionEvents At(EventStage stage, int flags) =>
        (ConversionEvents)((flags >> (BitsPerStage * (int)stage)) & Mask);
}
