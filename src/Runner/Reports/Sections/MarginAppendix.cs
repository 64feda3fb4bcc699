using QSim.Runner.Reports.Documents;

namespace QSim.Runner.Reports.Sections;

/// <summary>The margin model, derived, with what it assumes.</summary>
internal static class MarginAppendix
{
    /// <summary>The section; null where nothing was predicted.</summary>
    public static ReportSection? Of(ReportData data) =>
        data.Results.Margins.Count == 0
            ? null
            : new(
                "margin-model", "Appendix: the margin model", [.. Linear(data), .. Walls()]);

    private static IEnumerable<ReportBlock> Linear(ReportData data) =>
        [
            new Paragraph(
                "This model is QSim's own; it is not taken from a paper, and no paper "
                    + "should be cited for it. It asks how much of what attacks do follows "
                    + "from three things known without any attack: margins, gradients, and "
                    + "the hardware's error on clean images."),
            new Paragraph(
                "Let z be the logits of the float network and y the class of image x. The "
                    + "margin over a rival j is"),
            new Formula("m_{j}(x) = z_{y}(x) − z_{j}(x),    j ≠ y"),
            new Paragraph(
                "and x is classified right exactly where every margin is above 0 (at 0, "
                    + "where y has the lower index: the tie rule of hardware and float "
                    + "network alike). To first order a perturbation δ changes it by the "
                    + "margin's gradient:"),
            new Formula("m_{j}(x + δ) ≈ m_{j}(x) + g_{j} · δ,    g_{j} = ∇_{x} m_{j}(x)"),
            new Paragraph(
                "Hardware computes other logits ẑ. Its error on the clean image changes "
                    + "margin j by d_{j}, which is measured, all bits of the hardware "
                    + "included. The model takes this error to be the same for the "
                    + "perturbed image:")
            {
                HasFormulas = true,
            },
            new Formula(
                "d_{j} = (ẑ_{y} − ẑ_{j}) − (z_{y} − z_{j}),    m̂_{j}(x + δ) ≈ m_{j}(x) + "
                    + "d_{j} + g_{j} · δ"),
            new Paragraph(
                "The most that perturbations of size ε under the study's norm "
                    + $"({NormNames.Of(data.Study.Settings.Norm)}) can take away is ε "
                    + "times the dual norm of the gradient (L1 for L-infinity, L2 for L2, "
                    + "L-infinity for L1), as long as no pixel meets a wall:"),
            new Formula("min_{‖δ‖ ≤ ε} g_{j} · δ = − ε ‖g_{j}‖_{*}"),
        ];

    private static IEnumerable<ReportBlock> Walls() =>
        [
            new Paragraph(
                "Pixels stay within [0, 1], and images have many that are 0 or 1. A pixel "
                    + "i can only move by its room r_{i} in the direction that hurts "
                    + "(x_{i} where the gradient is positive, 1 − x_{i} where it is "
                    + "negative), so what is used is the exact value within these walls, "
                    + "which for L-infinity is")
            {
                HasFormulas = true,
            },
            new Formula("R_{j}(ε) = Σ_{i} |g_{ji}| min(ε, r_{i}) ≤ ε ‖g_{j}‖_{1}"),
            new Paragraph(
                "and correspondingly for other norms. The image's radius is the least ε at "
                    + "which some rival draws level, and the predicted accuracy under "
                    + "budget ε is the share of images with a larger radius:"),
            new Formula(
                "ρ(x) = min_{j} min { ε : R_{j}(ε) ≥ m_{j} + d_{j} },    A(ε) = #{ x : "
                    + "ρ(x) > ε } / n"),
            new Paragraph(
                "At ε = 0 this is the measured clean accuracy. With d = 0 it is the "
                    + "prediction for the float network. The predicted crossover is that "
                    + "of the predicted curves, by the same rule as for measured ones."),
            new Bullets([
                "Assumed: margins are linear in the input up to the radius. On a linear "
                    + "network the model is exact, which a test of QSim checks, walls "
                    + "included; on others it may err to either side.",
                "Assumed: the hardware's error does not depend on the perturbation. "
                    + "Wrapping accumulators, coarse pixels and saturated activations "
                    + "break this. With stochastic rounding the error is that of one draw.",
                "Predicted is the best attack of that size, to first order. A measured "
                    + "accuracy above it may be a weak attack as well as a model that "
                    + "errs; one below it is certainly the model's error.",
            ]),
        ];
}
