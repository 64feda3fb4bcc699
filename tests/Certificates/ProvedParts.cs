using QSim.Certificates.Bounds;
using QSim.Certificates.Checking;
using QSim.Certificates.Proofs;
using QSim.Certificates.Search;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Tests;

/// <summary>
/// Tiny programs with a part of their boxes and a proof of it. All inputs of the whole box are
/// known, so that what somebody makes of a proof can be seen to be true or false.
/// </summary>
/// <param name="Tiny">The program and the whole box.</param>
/// <param name="Proof">Of a part.</param>
/// <param name="Reason">Null where the checker takes it, else what it says.</param>
internal sealed record ProvedPart(TinyProgram Tiny, Proof Proof, string? Reason)
{
    private const int Programs = 360;
    private const int FirstSeed = 30_000;

    private static readonly Lazy<IReadOnlyList<ProvedPart>> Lazily = new(() => [.. Find()]);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ProvedPart> All => Lazily.Value;

    /// <summary>What is in the program that the checker has to follow.</summary>
    public IEnumerable<string> Kinds => Tiny.Program.Layers.SelectMany(KindsOf).Distinct();

    /// <summary>
    /// Whether every input of a box has a label, as far as inputs of the whole box go.
    /// </summary>
    public bool IsTrue(Proof claim) =>
        Images(claim).All(i => Tiny.Classes[i] == claim.Label);

    /// <summary>The inputs of a proof's box, of those of the whole box.</summary>
    public IEnumerable<int> Images(Proof claim)
    {
        int length = Tiny.Box.Length;
        var box = new TensorBox(claim.Low, claim.High);
        return Enumerable.Range(0, Tiny.Count).Where(i => box.Contains(
            Tiny.Inputs.AsSpan(i * length, length)));
    }

    /// <summary>The same with another program, run on the same inputs.</summary>
    public ProvedPart Of(QuantizedProgram program) =>
        this with { Tiny = new(program, Tiny.Box, Tiny.Inputs) };

    private static IEnumerable<ProvedPart> Find()
    {
        foreach (int seed in Enumerable.Range(FirstSeed, Programs))
        {
            QuantizedProgram program = (seed % 4) switch
            {
                0 => TinyNetworks.Dense(seed),
                1 => ProgramGenerator.Program(seed),
                _ => TinyGraphs.Program(seed),
            };
            var checker = new ProofChecker(program);
            if (program.IsStochastic || checker.WhyNot is not null
                || program.Output.Shape.Length < 2)
                continue;
            TinyProgram tiny = TinyProgram.Of(program, seed);
            using var search = new CompleteSearch(new(program), new ReferenceBackend())
            {
                MostEnumerated = 0,
                FewFree = 0,
                MostNodes = 30,
                WritesProofs = true,
            };
            foreach (TensorBox part in new[] { tiny.Box, Smaller(tiny.Box, seed) })
            {
                if (part.Low.SequenceEqual(part.High)) continue;
                int label = tiny.ClassOf(part.Low);
                if (search.Decide(part, label, CancellationToken.None).Proof is not { } proof)
                    continue;
                yield return new(tiny, proof, checker.Check(proof));
                break;
            }
        }
    }

    /// <summary>Some values of a box are fixed.</summary>
    private static TensorBox Smaller(TensorBox box, int seed)
    {
        var choose = new Choices(seed);
        return new(
            [.. box.Low],
            [.. box.High.Select((high, i) => choose.Chance(0.5) ? box.Low[i] : high)]);
    }

    private static IEnumerable<string> KindsOf(ProgramLayer layer)
    {
        yield return layer.GetType().Name;
        if (layer is AddLayer { Real.IsUsed: not 0 }) yield return "float32 sum";
        else if (layer is AddLayer add && add.Operands.Any(o => o.Multiplier != 0))
            yield return "scaled sum";
        if (layer is not MacLayer { Facts.IsExact: false } mac) yield break;
        if (mac.Mac.Update is { Overflow: OverflowMode.Wrap, SaturationBits: 0 })
            yield return "wraps";
        if (mac.Mac.Update.Overflow is OverflowMode.Saturate or OverflowMode.SaturateSymmetric)
            yield return "saturates";
    }
}
