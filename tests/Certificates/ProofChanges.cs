using QSim.Certificates.Proofs;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Tests;

/// <summary>What somebody might do to a proof, or to the program that it is of.</summary>
internal static class ProofChanges
{
    /// <summary>One change, or two.</summary>
    public static Proof Any(ProvedPart part, Choices choose)
    {
        Proof changed = One(part, part.Proof, choose);
        return choose.Chance(0.3) ? One(part, changed, choose) : changed;
    }

    /// <summary>
    /// Proofs of every other label whose every branch is the whole box, with a large multiple of a
    /// limit of some layer, once or one for either end.
    /// </summary>
    public static IEnumerable<(int Layer, Proof Proof)> Forged(ProvedPart part)
    {
        const long Beyond = 1L << 40, Large = 1L << 50;
        QuantizedProgram program = part.Tiny.Program;
        int classes = program.Output.Shape.Length;
        var choose = new Choices(part.Tiny.Count);
        for (int layer = 0; layer < program.Layers.Length; layer++)
        {
            int at = choose.Between(0, program.Layers[layer].Output.Shape.Length - 1);
            int label = choose.Between(0, classes - 1);
            foreach (Multiple[] multiples in new Multiple[][]
            {
                [new(layer, at, Upper: Large, Lower: 0)], [new(layer, at, Upper: 0, Lower: Large)],
                [new(layer, at, Upper: Large, Lower: 0), new(layer, at, Upper: 0, Lower: 0)],
                [new(layer, at, Upper: 0, Lower: Large), new(layer, at, Upper: 0, Lower: 0)],
                [new(layer, at, Upper: Large, Lower: 0), new(layer, at, Upper: 0, Lower: Large)],
            })
                yield return (layer, part.Proof with
                {
                    Label = label,
                    Low = part.Tiny.Box.Low,
                    High = part.Tiny.Box.High,
                    Rivals = [.. Enumerable.Range(0, classes).Where(c => c != label).Select(
                        c => new RivalProof(
                            c,
                            [
                                new([new(layer, at, Beyond, false)], false, null, multiples),
                                new([new(layer, at, Beyond, true)], false, null, []),
                            ]))],
                });
        }
    }

    /// <summary>Programs that differ a little.</summary>
    public static IEnumerable<QuantizedProgram> Programs(QuantizedProgram program)
    {
        for (int k = 0; k < program.Layers.Length; k++)
            if (Other(program.Layers[k]) is { } layer)
                yield return program with { Layers = program.Layers.SetItem(k, layer) };
    }

    private static ProgramLayer? Other(ProgramLayer layer) => layer switch
    {
        MacLayer mac => mac with { Weights = [.. mac.Weights.Select(w => w / 2)] },
        LookupLayer table => table with { Table = [.. table.Table.Select(e => -e)] },
        ClampLayer clamp => clamp with { Max = clamp.Min + ((clamp.Max - clamp.Min) / 2) },
        RearrangeLayer moved => moved with { Sources = [.. moved.Sources.Reverse()] },
        AveragePoolLayer pool => pool with
        {
            Unit = pool.Unit with { Rounding = RoundingMode.TowardNegative },
        },
        AddLayer add => add with { Requantization = Half(add.Requantization) },
        MultiplyLayer product => product with { Requantization = Half(product.Requantization) },
        ConcatLayer concat => concat with
        {
            Parts = [.. concat.Parts.Select(
                p => p with { Requantization = Half(p.Requantization) })],
        },
        _ => null,
    };

    private static Requantization Half(Requantization spec) =>
        spec with { ClampMax = spec.ClampMax / 2 };

    private static Proof One(ProvedPart part, Proof proof, Choices choose)
    {
        int classes = part.Tiny.Program.Output.Shape.Length;
        switch (choose.Between(0, 7))
        {
            case 0:
                return proof with { Label = choose.Between(0, classes - 1) };
            case 1:
                return proof with { Low = part.Tiny.Box.Low, High = part.Tiny.Box.High };
            case 2 or 3:
                return proof with { Lines = Lines(proof.Lines, choose) };
            default:
                if (proof.Rivals.Count == 0)
                    return proof with { Low = part.Tiny.Box.Low, High = part.Tiny.Box.High };
                RivalProof rival = choose.Of([.. proof.Rivals]);
                return proof with
                {
                    Rivals = [.. proof.Rivals.Select(r => r == rival ? Rival(part, r, choose) : r)],
                };
        }
    }

    private static RivalProof Rival(ProvedPart part, RivalProof rival, Choices choose)
    {
        if (rival.Leaves.Count == 0) return rival;
        LeafProof leaf = choose.Of([.. rival.Leaves]);
        LeafProof[] others = [.. rival.Leaves.Where(l => l != leaf)];
        int classes = part.Tiny.Program.Output.Shape.Length;
        return choose.Between(0, 4) switch
        {
            0 => rival with { Leaves = others },
            1 => rival with { Class = choose.Between(0, classes - 1) },
            2 => With(leaf with { OfArguments = !leaf.OfArguments }),
            3 when leaf.Lines is { } lines => With(leaf with { Lines = Lines(lines, choose) }),
            4 when leaf.Path.Count > 0 => With(leaf with
            {
                Multiples =
                [
                    .. leaf.Multiples,
                    new(
                        leaf.Path[0].Layer, leaf.Path[0].Output, 1L << choose.Between(0, 60),
                        1L << choose.Between(0, 60)),
                ],
            }),
            _ => With(leaf with { Lines = null }),
        };

        RivalProof With(LeafProof changed) => rival with { Leaves = [.. others, changed] };
    }

    private static long[][] Lines(long[][] lines, Choices choose)
    {
        long[][] copy = [.. lines.Select(l => (long[])[.. l])];
        long[][] some = [.. copy.Where(l => l.Length > 0)];
        if (some.Length == 0) return copy;
        for (int n = choose.Between(1, 4); n > 0; n--)
        {
            long[] layer = choose.Of(some);
            int at = choose.Between(0, layer.Length - 1);
            layer[at] = choose.Chance(0.2)
                ? 0
                : layer[at] + choose.Of(1L, -1, 1L << 14, -(1L << 14), 1L << 20, -(1L << 20),
                    1L << 30, -(1L << 30), 1L << 50, -(1L << 50));
        }

        return copy;
    }
}
