using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Certifying;

namespace QSim.Runner.Reports.Sections;

/// <summary>How much room accumulators have, by static proof, beside what was counted.</summary>
internal static class HeadroomSection
{
    /// <summary>The section; null while no program was looked at.</summary>
    public static ReportSection? Of(ReportData data)
    {
        LayerFacts[] layers = [.. data.FirstSeedLayers];
        if (layers.Length == 0) return null;
        string[] names = [.. layers.Select(l => l.Layer).Distinct()];
        ILookup<(string, string), LayerFacts> at = layers.ToLookup(l => (l.Profile, l.Layer));
        return new(
            "headroom",
            "Accumulator headroom",
            [
                new Paragraph(
                    "Interval analysis with the actual weights, in the order and with the lanes of "
                        + "the hardware, proves how many bits hold every partial sum of a layer "
                        + "whatever its input. Headroom is what the accumulator has beyond that: "
                        + "from 0 on it never overflows; below 0 some input can overflow it, as "
                        + "where an unsigned one lacks a sign. "
                        + "Counted overflows are of the clean test images."),
                new Table(
                    "Headroom in bits (accumulator less needed by any input); shaded where the "
                        + "accumulator can overflow",
                    ["profile", .. names],
                    [
                        .. data
                            .Profiles.Where(p => layers.Any(l => l.Profile == p))
                            .Select(p =>
                                (Cell[])
                                    [
                                        p,
                                        .. names.Select(n =>
                                            at[(p, n)].FirstOrDefault() is { } l
                                                ? Headroom(l)
                                                : (Cell)"–"),
                                    ]),
                    ]),
                .. Within(data, layers),
                Details(data, layers),
            ]);
    }

    private static Cell Headroom(LayerFacts layer) =>
        layer.Headroom is { } bits
            ? Cell.Number($"{bits:+0;−0;0}", bits) with
            {
                Note = $"{layer.AccumulatorBits} − {layer.NeedsAny}",
                Heat = layer.CanOverflow > 0 ? Math.Min(1, Math.Max(1, -bits) / 8.0) : null,
            }
            : (Cell)"no sign" with { Heat = 1 };

    /// <summary>No unsigned width holds what is below 0.</summary>
    private static Cell Bits(int? needed) =>
        needed is { } bits ? Cell.Number(bits) : "a sign";

    /// <summary>
    /// The smallest accumulator that is proved not to overflow, for fewer and fewer inputs.
    /// </summary>
    private static IEnumerable<Table> Within(ReportData data, LayerFacts[] layers)
    {
        ILookup<(string, string, string), AccumulatorNeed> needs = data.Results.AccumulatorNeeds
            .Where(n => n.Seed == data.Study.Settings.Seed)
            .ToLookup(n => (n.Profile, n.Layer, n.Epsilon));
        string[] epsilons = [.. data.Results.AccumulatorNeeds.OrderBy(n => n.EpsilonValue)
            .Select(n => n.Epsilon).Distinct()];
        if (epsilons.Length == 0) yield break;
        yield return new(
            "Smallest accumulator, in bits, that is proved not to overflow: for any input, and for "
                + "every image within a budget of the test images (layers before it as they are)",
            [
                "profile", "layer", "accumulator bits", "any input",
                .. epsilons.Select(e => $"within {e}"),
            ],
            [
                .. layers.Select(l => (Cell[])
                    [
                        l.Profile,
                        l.Layer,
                        Cell.Number(l.AccumulatorBits),
                        Bits(l.NeedsAny),
                        .. epsilons.Select(e =>
                            needs[(l.Profile, l.Layer, e)].FirstOrDefault() is { } need
                                ? Bits(need.Bits)
                                : (Cell)"–"),
                    ]),
            ])
        {
            KeyColumns = 2,
        };
    }

    private static Table Details(ReportData data, LayerFacts[] layers)
    {
        ILookup<(string, string), StageCount> counted = data.Results.Events
            .Where(e => e.Stage == "accumulator" && e.Seed == data.Study.Settings.Seed)
            .ToLookup(e => (e.Profile, e.Layer));
        return new(
            "Proof and count, layer by layer",
            [
                "profile",
                "layer",
                "accumulator bits",
                "needed, any input",
                "needed, calibration intervals",
                "L1 bound",
                "channels that can overflow",
                "channels, calibration intervals",
                "on overflow",
                "outputs that overflowed",
                "proof",
            ],
            [
                .. layers.Select(l =>
                    (Cell[])
                        [
                            l.Profile,
                            l.Layer,
                            Cell.Number(l.AccumulatorBits),
                            Bits(l.NeedsAny),
                            Bits(l.NeedsCalibration),
                            Cell.Number(l.L1Bits),
                            Cell.Number($"{l.CanOverflow} of {l.Channels}", l.CanOverflow),
                            Cell.Number(
                                $"{l.CanOverflowInCalibration} of {l.Channels}",
                                l.CanOverflowInCalibration),
                            l.Overflow,
                            counted[(l.Profile, l.Layer)].FirstOrDefault() is { } c
                                ? Cell.Number($"{c.Overflowed} of {c.Elements}", c.Overflowed)
                                : "–",
                            Proof(l),
                        ]),
            ])
        {
            IsFolded = true,
        };
    }

    private static string Proof(LayerFacts layer) =>
        layer.CanOverflow == 0 ? "never overflows"
        : layer.CanOverflowInCalibration == 0 ? "not within the calibration's intervals"
        : "can overflow";
}
