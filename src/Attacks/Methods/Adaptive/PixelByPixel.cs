using QSim.Attacks.Evaluation;

namespace QSim.Attacks.Methods.Adaptive;

/// <summary>
/// <see cref="CoordinateSearch"/> from the best image so far, as a part of other attacks. For
/// hardware whose design is known and that rounds nothing at random; elsewhere there is nothing to
/// do.
/// </summary>
internal sealed class PixelByPixel(int rounds) : IAttack
{
    /// <inheritdoc/>
    public string Name => "coordinates";

    /// <inheritdoc/>
    public Knowledge Needs => Knowledge.Gradients;

    /// <inheritdoc/>
    public bool StartsAtBest => true;

    /// <inheritdoc/>
    public void Run(AttackRun run)
    {
        if (run.Design is not { IsStochastic: false } program) return;
        run.ToBest();
        using var cut = new CutProgram(program, run.IsAlone);
        new CoordinateSearch(cut, rounds).Run(run);
    }
}
