using QSim.Attacks.Evaluation;
using QSim.Attacks.Methods.Adaptive;

namespace QSim.Attacks.Methods;

/// <summary>
/// QSim's own ensemble for hardware, each part on what the ones before it left: FGSM; images made
/// on the float network, which the white box has as well, and APGD from there; the images with
/// which the ensemble itself breaks the float network; Square; APGD on cross-entropy and on the
/// targeted ratio; Square about the best image so far. Knowing the hardware thereby begins with
/// what the float network alone gives away, and logits too large or too coarse for cross-entropy
/// are no shelter.
/// </summary>
/// <remarks>
/// Square looks at the margins of hardware and float network side by side. Where they agree so well
/// that neither can be broken without the other, the rest is left out: it was done on the float
/// network, and what came of it was tried. The float network itself is never let go; there Square
/// is for near misses, and for images on which nothing had a gradient. Where the two margins have
/// little to do with each other, as where sums wrap, what is nearly broken says little, and another
/// start finds images that the parts before leave: Square twice more. Images that stay far from
/// the boundary are left alone early, which pays for searching hardware's near misses pixel by
/// pixel at the end.
/// </remarks>
internal static class Ensemble
{
    /// <summary>Steps on the float network, as a study's check of transfer takes.</summary>
    private const int BorrowedSteps = 50;

    /// <summary>
    /// Share of Square's queries in which it compares hardware and float network.
    /// </summary>
    private const double LookShare = 0.05;

    /// <summary>
    /// Shares of the clean image's margin that may be left after shares of Square's queries. Where
    /// the first is not met in the end, no new start is made.
    /// </summary>
    private static readonly (double Queries, double Left)[] Milestones = [(0.1, 0.5), (0.3, 0.3)];

    /// <summary>
    /// Near misses: the best image so far comes short of the boundary by at most so much of what
    /// the clean image does.
    /// </summary>
    private const double NearShare = 0.15;

    /// <summary>
    /// The same on the float network, whose broken images every piece of hardware is shown.
    /// </summary>
    private const double FloatNearShare = 0.25;

    /// <summary>
    /// Moves of single pixels that near misses of hardware make, each the best of 24.
    /// </summary>
    private const int PixelRounds = 80;

    /// <summary>The sequence.</summary>
    /// <param name="norm">The norm that it is meant for.</param>
    /// <param name="steps">
    /// Steps of each APGD run on the target; on near misses four times as many on cross-entropy,
    /// twice as many on the targeted ratio.
    /// </param>
    /// <param name="targets">
    /// Classes that targeted APGD goes for; twice as many on near misses.
    /// </param>
    /// <param name="queries">
    /// Queries of Square; a tenth as many about the best image, all again on near misses, and twice
    /// as many from each of two new starts where the float network is no guide.
    /// </param>
    /// <param name="borrowed">Steps of APGD on the float network.</param>
    /// <param name="name">Its name in results.</param>
    public static AttackSequence Standard(
        Norm norm = Norm.Linf, int steps = 25, int targets = 3, int queries = 1000,
        int borrowed = BorrowedSteps, string name = "ensemble") => new(
        name,
        [
            .. norm == Norm.L1 ? Array.Empty<IAttack>() : [ProjectedGradient.Fgsm()],
            new BorrowedStart(AutoPgd.CrossEntropy(borrowed, $"apgd-ce-{borrowed}"), steps),
            new BorrowedOwn(),
            new OnPlateaus(new SquareAttack(queries)
            {
                Guide = 0,
                Look = Math.Max((int)(LookShare * queries), 1),
                Milestones =
                [
                    .. Milestones.Select(m => new SquareAttack.Milestone(
                        Math.Max((int)(m.Queries * queries), 1), m.Left)),
                ],
            }),
            new Unsettled(AutoPgd.CrossEntropy(steps)),
            new Unsettled(AutoPgd.TargetedDlr(steps, targets), instead: AutoPgd.Scaled(steps)),
            new Unsettled(new OnPlateaus(Square(Math.Max(queries / 10, 1), fromBest: true))),
            new Blind(Square(queries, fromBest: false)),
            new NearMisses(AutoPgd.CrossEntropy(4 * steps)),
            new NearMisses(
                AutoPgd.TargetedDlr(2 * steps, 2 * targets), instead: AutoPgd.Margin(2 * steps)),
            new NearMisses(Square(queries, fromBest: true)),
            new Unlike(Square(2 * queries, fromBest: false)),
            new Unlike(Square(2 * queries, fromBest: false)),
            new OnPlateaus(new NearMisses(new PixelByPixel(PixelRounds))),
        ]);

    /// <summary>
    /// Square without the float network for a guide: what that is good for, the images that break
    /// the network itself have brought already.
    /// </summary>
    private static SquareAttack Square(int queries, bool fromBest) =>
        new(queries) { Guide = 0, StartsAtBest = fromBest };

    /// <summary>A part on some images.</summary>
    /// <param name="attack">The part.</param>
    /// <param name="instead">
    /// What is done where there are too few classes for the part's loss.
    /// </param>
    private abstract class Part(IAttack attack, IAttack? instead = null) : IAttack
    {
        public string Name => attack.Name;

        public Knowledge Needs => attack.Needs;

        public int Steps => attack.Steps;

        public bool StartsAtBest => true;

        public int Attempts(int classes) => Of(classes).Attempts(classes);

        public void Run(AttackRun run)
        {
            if (!Choose(run)) return;
            if (run.Active.Count > 0) Of(run.Classes).Run(run);
        }

        /// <summary>
        /// Lets go of images that the part is not for; false where it is for none of the run's.
        /// </summary>
        protected abstract bool Choose(AttackRun run);

        private IAttack Of(int classes) =>
            instead is not null && classes < attack.LeastClasses ? instead : attack;
    }

    /// <summary>A part on hardware.</summary>
    private sealed class OnPlateaus(IAttack attack) : Part(attack)
    {
        protected override bool Choose(AttackRun run) => run.HasPlateaus;
    }

    /// <summary>A part on images that are not settled.</summary>
    private sealed class Unsettled(IAttack attack, IAttack? instead = null) : Part(attack, instead)
    {
        protected override bool Choose(AttackRun run)
        {
            run.ReleaseSettled();
            return true;
        }
    }

    /// <summary>A part on images of a float network that showed no gradient.</summary>
    private sealed class Blind(IAttack attack) : Part(attack)
    {
        protected override bool Choose(AttackRun run)
        {
            run.ReleaseSeeing();
            return !run.HasPlateaus;
        }
    }

    /// <summary>A part on images that came near the boundary.</summary>
    private sealed class NearMisses(IAttack attack, IAttack? instead = null) : Part(attack, instead)
    {
        protected override bool Choose(AttackRun run)
        {
            run.ReleaseFar(run.HasPlateaus ? NearShare : FloatNearShare);
            return true;
        }
    }

    /// <summary>A part on images for which the float network is no guide to hardware.</summary>
    private sealed class Unlike(IAttack attack) : Part(attack)
    {
        protected override bool Choose(AttackRun run)
        {
            run.ReleaseAlike();
            run.ReleaseRemote(Milestones[0].Left);
            return run.HasPlateaus;
        }
    }
}
