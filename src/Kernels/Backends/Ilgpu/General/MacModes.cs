using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>
/// What the multiply-accumulate kernel is compiled for: constants in the kernel's code, so that it
/// branches on none of them. Layers that agree in all of these share one kernel. Blittable, hence
/// int for bool.
/// </summary>
/// <param name="ConvertsProducts">1 when products pass through <paramref name="Product"/>.</param>
/// <param name="Product">Exact product to product format.</param>
/// <param name="AccumulatorAlign">Left shift of the accumulator.</param>
/// <param name="PartialAlign">Left shift of a partial sum.</param>
/// <param name="Update">Into the accumulator format.</param>
/// <param name="OneLane">1 when every product is an update of its own.</param>
/// <param name="BiasLast">1 when the bias is one more update at the end.</param>
/// <param name="InputSigned">1 when raw inputs may be negative.</param>
/// <param name="Narrow">1 when what multipliers take fits into 32 signed bits.</param>
/// <param name="Uniform">
/// 1 when the four below hold for every channel, else each channel's own are used.
/// </param>
/// <param name="Kind">Formula of the requantization.</param>
/// <param name="Rounding">Its rounding.</param>
/// <param name="Overflow">Its overflow mode.</param>
/// <param name="SaturationBits">Its n of WRAP.</param>
/// <param name="Events">1 when events are written.</param>
internal readonly record struct MacModes(
    int ConvertsProducts,
    ConversionSpec Product,
    int AccumulatorAlign,
    int PartialAlign,
    ConversionSpec Update,
    int OneLane,
    int BiasLast,
    int InputSigned,
    int Narrow,
    int Uniform,
    RequantizationKind Kind,
    RoundingMode Rounding,
    OverflowMode Overflow,
    int SaturationBits,
    int Events)
{
    /// <summary>The modes of a layer.</summary>
    public static MacModes Of(MacLayer layer, bool events)
    {
        MacSpec mac = layer.Mac;
        Requantization first = layer.Requantization[0];
        bool converts = mac.ProductStage == ProductStage.Converted;
        return new(
            Flag(converts),
            converts ? mac.Product : default,
            mac.AccumulatorAlign,
            mac.PartialAlign,
            mac.Update,
            Flag(layer.Facts.Lanes == 1),
            Flag(!layer.Facts.StartsFromBias),
            Flag(layer.Input.IsSigned),
            Flag(IsNarrow(layer)),
            Flag(layer.Requantization.All(r => Agree(r, first))),
            first.Kind,
            first.Output.Rounding,
            first.Output.Overflow,
            first.Output.SaturationBits,
            Flag(events));
    }

    /// <summary>A channel's requantization with the constants in place.</summary>
    public Requantization Specialize(Requantization spec) => Uniform == 0
        ? spec
        : spec with
        {
            Kind = Kind,
            Output = spec.Output with
            {
                Rounding = Rounding,
                Overflow = Overflow,
                SaturationBits = SaturationBits,
            },
        };

    /// <summary>Inputs as stored and less their offset, both: neither overflows.</summary>
    private static bool IsNarrow(MacLayer layer)
    {
        (long low, long high) = layer.Facts.Multiplied;
        return low >= int.MinValue && high <= int.MaxValue
            && layer.Input.MinRaw >= int.MinValue && layer.Input.MaxRaw <= int.MaxValue;
    }

    private static bool Agree(Requantization a, Requantization b) =>
        a.Kind == b.Kind
        && a.Output.Rounding == b.Output.Rounding
        && a.Output.Overflow == b.Output.Overflow
        && a.Output.SaturationBits == b.Output.SaturationBits;

    private static int Flag(bool value) => value ? 1 : 0;
}
