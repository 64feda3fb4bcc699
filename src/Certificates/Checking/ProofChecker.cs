using QSim.Certificates.Proofs;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Checking;

/// <summary>
/// Checks proofs, in integers, with nothing but the kernels' own arithmetic: no code of bounds or
/// search is used here, and nothing that a proof claims is taken for granted.
/// </summary>
public sealed class ProofChecker
{
    private readonly QuantizedProgram _program;
    private readonly CheckedLayer[] _layers;

    /// <summary>For a program.</summary>
    public ProofChecker(QuantizedProgram program)
    {
        _program = program;
        _layers = [.. program.Layers.Select(
            l => CheckedLayers.Of(l, [.. l.Inputs.Select(program.Tensor)]))];
    }

    /// <summary>Null where the checker follows the program, else why it does not.</summary>
    public string? WhyNot =>
        _program.IsStochastic
            ? "something rounds at random"
            : _layers.Select(l => l.WhyNot).FirstOrDefault(reason => reason is not null);

    /// <summary>Null where a proof holds, else where it does not.</summary>
    public string? Check(Proof proof)
    {
        if (WhyNot is { } reason) return reason;
        try
        {
            CheckedRoot root = Root(proof);
            int last = LastLayer();
            for (int other = 0; other < root.Logits; other++)
            {
                if (other == proof.Label || root.Excludes(proof.Label, other)) continue;
                RivalProof rival = proof.Rivals.SingleOrDefault(r => r.Class == other)
                    ?? throw new CheckException($"class {other} is left out");
                new CheckedRival(root, proof.Label, other, last).Check(rival.Leaves);
            }

            return null;
        }
        catch (CheckException e)
        {
            return e.Message;
        }
        catch (Exception e) when (e is IndexOutOfRangeException or ArgumentException
            or OverflowException or InvalidOperationException)
        {
            return $"it is not a proof of this program ({e.Message})";
        }
    }

    /// <summary>Every tensor over a proof's box.</summary>
    internal CheckedRoot Root(Proof proof) =>
        new(_program, _layers, proof.Low, proof.High, (layer, _) => proof.Lines[layer]);

    /// <summary>
    /// Tells somebody who writes a proof of a box where arguments lie, layer by layer, as long as
    /// what comes back for each holds.
    /// </summary>
    internal void TryRoot(long[] low, long[] high, Func<int, CheckedArguments, long[]> lines)
    {
        if (WhyNot is not null) return;
        try
        {
            _ = new CheckedRoot(_program, _layers, low, high, lines);
        }
        catch (Exception e) when (e is CheckException or OverflowException)
        {
            // The proof will be refused for this reason.
        }
    }

    private int LastLayer()
    {
        int last = _layers.Length - 1;
        while (_layers[last].Layer is ReshapeLayer { Inputs: [> 0 and var tensor] })
            last = tensor - 1;
        return last;
    }
}
