using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// Requantizations whose numbers are in a file, by the profile's formula; the profile has to have
/// one that they are for.
/// </summary>
/// <param name="builder">What the profile says of the output.</param>
/// <param name="stages">The layer's stages.</param>
/// <param name="declared">The numbers.</param>
internal sealed class DeclaredRequantizer(
    RequantizationBuilder builder, LayerDatapath stages, DeclaredRequantization declared)
{
    private RequantizeStage Stage => stages.Requantize;

    /// <summary>One per output channel.</summary>
    /// <exception cref="InputException">The profile requantizes in another way.</exception>
    public ImmutableArray<Requantization> PerChannel(int channels) =>
        [.. Enumerable.Range(0, channels).Select(c => declared.Kind switch
        {
            DeclaredKind.None => builder.Template(RequantizationKind.Shift),
            DeclaredKind.Shift => Shift(declared.Shifts[c]),
            DeclaredKind.Multiplier => Multiplier(declared.Multipliers[c], declared.Shifts[c]),
            DeclaredKind.Real => Real(c),
        })];

    private Requantization Shift(int shift) =>
        Stage.Kind is not (RequantizeKind.Cast or RequantizeKind.Shift)
            ? throw Refuse("shifts")
            : shift is < -63 or > 63
            ? throw Fail($"a shift of {shift} (supported: -63..63)")
            : builder.ShiftedBy(Stage.Kind, shift);

    private Requantization Multiplier(int multiplier, int shift)
    {
        (RequantizationKind kind, int right, int least, int most) = Stage.Kind switch
        {
            RequantizeKind.MultiplierDouble =>
                (RequantizationKind.MultiplierDouble, shift - 31, -30, 31),
            RequantizeKind.MultiplierSingle => (RequantizationKind.MultiplierSingle, shift, 1, 62),
            _ => throw Refuse("multipliers"),
        };
        if (multiplier >= 1L << (Stage.MultiplierBits - 1))
            throw Fail(
                $"a multiplier of {multiplier}, the profile's have {Stage.MultiplierBits} bits");
        if (right < least || right > most)
            throw Fail(
                $"a shift of {shift} (supported: {least + shift - right}..{most + shift - right})");
        return builder.Template(kind) with { Multiplier = multiplier, MultiplierShift = right };
    }

    private Requantization Real(int channel)
    {
        if (Stage.Kind < RequantizeKind.Real) throw Refuse("float32 scales");
        bool isOnce = Stage.Kind == RequantizeKind.RealOnce;
        if (!isOnce && !declared.Biases.IsEmpty)
            throw Fail("real_bias is for profiles with requantize.kind real_once");
        Requantization template = builder.Template(
            isOnce ? RequantizationKind.RealOnce : RequantizationKind.Real);
        return template with
        {
            Output = template.Output with
            {
                Rounding = Stage.Rounding ?? RoundingMode.NearestTiesToEven,
            },
            RealScale = declared.Scales[channel],
            RealBias = declared.Biases.IsEmpty ? 0 : declared.Biases[channel],
        };
    }

    private InputException Refuse(string what) => Fail(
        $"it has {what}, where the profile's requantize.kind is {Word(Stage.Kind)}");

    private static string Word(RequantizeKind kind) => kind switch
    {
        RequantizeKind.Cast => "cast",
        RequantizeKind.Shift => "shift",
        RequantizeKind.MultiplierDouble => "multiplier (rounded twice)",
        RequantizeKind.MultiplierSingle => "multiplier (rounded once)",
        RequantizeKind.Real => "real",
        RequantizeKind.RealOnce => "real_once",
    };

    private InputException Fail(string why) => new(declared.At with { Message = why });
}
