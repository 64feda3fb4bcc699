using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Losses;

namespace QSim.Attacks.Tests.Gradients;

public class LossTests
{
    private static readonly double[] Logits = [0.3, -1.2, 2.5, 0.9, -0.4];

    public static TheoryData<string, int> Cases
    {
        get
        {
            TheoryData<string, int> data = [];
            for (int label = 0; label < Logits.Length; label++)
                foreach (string loss in new[] { "cross_entropy", "dlr" }) data.Add(loss, label);
            for (int label = 0; label < Logits.Length; label++)
                for (int target = 0; target < Logits.Length; target++)
                    if (target != label) data.Add("dlr_targeted", (target * Logits.Length) + label);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Evaluate_AnyLabel_FollowsTheFormula(string name, int label)
    {
        float[] gradient = new float[Logits.Length];
        ILoss loss = name switch
        {
            "cross_entropy" => CrossEntropyLoss.Instance,
            "dlr" => DlrLoss.Instance,
            _ => new TargetedDlrLoss(Logits.Length),
        };
        Assert.Equal(name, loss.Name);
        float value = loss.Evaluate([.. Logits.Select(z => (float)z)], label, gradient);
        Assert.Equal(Formula(name, Logits, label), value, 1e-5);
        for (int j = 0; j < Logits.Length; j++)
        {
            double[] above = [.. Logits], below = [.. Logits];
            above[j] += 1e-6;
            below[j] -= 1e-6;
            Assert.Equal(
                (Formula(name, above, label) - Formula(name, below, label)) / 2e-6, gradient[j],
                1e-5);
        }
    }

    [Fact]
    public void RescaledCrossEntropy_HugeLogits_KeepsItsGradient()
    {
        float[] gradient = new float[3];
        CrossEntropyLoss.Instance.Evaluate([500, 0, -10], 0, gradient);
        Assert.Equal(0, gradient[0]);
        RescaledCrossEntropyLoss.Instance.Evaluate([500, 0, -10], 0, gradient);
        Assert.InRange(gradient[0], -1, -0.3);
        float[] plain = new float[3];
        CrossEntropyLoss.Instance.Evaluate([1, 0.5f, 0], 0, plain);
        RescaledCrossEntropyLoss.Instance.Evaluate([1, 0.5f, 0], 0, gradient);
        Assert.Equal(plain, gradient);
    }

    private static double Formula(string name, double[] z, int label)
    {
        if (name == "cross_entropy") return Math.Log(z.Sum(Math.Exp)) - z[label];
        double[] sorted = [.. z.OrderDescending()];
        if (name == "dlr")
            return -(z[label] - z.Where((_, j) => j != label).Max())
                / (sorted[0] - sorted[2] + 1e-12);
        return -(z[label % z.Length] - z[label / z.Length])
            / (sorted[0] - ((sorted[2] + sorted[3]) / 2) + 1e-12);
    }
}
