using QSim.Attacks.Evaluation;
using QSim.Attacks.Evaluation.Checks;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Tests.Evaluation;
using QSim.Attacks.Tests.Methods;
using QSim.Simulator.Networks;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Checks;

/// <summary>
/// Logits scaled and shifted change nothing about what a linear network withstands, which is known
/// exactly. Cross-entropy's gradient vanishes when they are far apart: an attack that climbs it
/// either breaks what can be broken, or is doubted beside one that does.
/// </summary>
public class ScaledLogitsTests
{
    private const int Features = 25;
    private const int Classes = 5;
    private const int Count = 60;

    /// <summary>Attacks whose figure no scale may change.</summary>
    private static readonly string[] Invariant =
        ["apgd-dlr", "apgd-t", "apgd-margin", "fab-t", "deepfool", "autoattack", "ensemble"];

    /// <summary>Attacks that climb plain cross-entropy and nothing else.</summary>
    private static readonly string[] Climbing =
        ["fgsm", "bim", "mi-fgsm", "pgd-10", "apgd-ce"];

    private static readonly Dictionary<
        (string, Norm, float, float), (Observation[] Seen, int Standing)> Made = [];

    private static readonly Dictionary<Norm, Task> Tasks = [];

    public static TheoryData<string, Norm, float, float> Cases
    {
        get
        {
            TheoryData<string, Norm, float, float> data = [];
            foreach (object[] row in AttackCatalogue.NamesAndNorms)
                if (AttackCatalogue.Get((string)row[0]).Needs == Knowledge.Gradients
                    && !AttackCatalogue.IsBlind((string)row[0]))
                    foreach ((float scale, float shift) in new[]
                        { (1e-5f, 0f), (1e-2f, 0), (30, 0), (1, 1000), (1000, 0), (1e5f, -1e4f) })
                        data.Add((string)row[0], (Norm)row[1], scale, shift);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Run_LogitsScaledOrShifted_LeavesTheSameOrIsDoubted(
        string attack, Norm norm, float scale, float shift)
    {
        (_, int plain) = AttackOnce(attack, norm, 1, 0);
        (Observation[] seen, int standing) = Attack(attack, norm, scale, shift);
        int exact = Plain(norm).Standing;
        Assert.True(standing >= exact, $"{standing} stand where {exact} have to");
        if (Invariant.Contains(attack)) Assert.InRange(standing, plain - 1, plain + 1);
        if (attack is "ensemble" or "autoattack") Assert.InRange(standing, exact, exact + 1);
        bool vanishes = scale >= 1e5f && Climbing.Contains(attack);
        if (vanishes) Assert.True(standing > plain + Believability.ChanceImages, $"{standing}");
        if (standing <= plain + Believability.ChanceImages) return;
        (Observation[] beside, _) = AttackOnce("apgd-margin", norm, scale, shift);
        Doubt doubt = Assert.Single(Believability.Examine([.. seen, .. beside]));
        Assert.Equal((Believability.BlindAttack, attack), (doubt.Check, doubt.About.Attack));
        Assert.Contains("zero at the logits", doubt.Message);
        Assert.Contains(
            Believability.Examine(seen), d => d.Check is "zero_gradients" or "only_weak_attacks");
    }

    /// <summary>What many cases stand beside: the same bits each time, so made once.</summary>
    private static (Observation[] Seen, int Standing) AttackOnce(
        string attack, Norm norm, float scale, float shift)
    {
        (string, Norm, float, float) key = (attack, norm, scale, shift);
        if (!Made.TryGetValue(key, out var made))
            Made.Add(key, made = Attack(attack, norm, scale, shift));
        return made;
    }

    private static Task Plain(Norm norm)
    {
        if (!Tasks.TryGetValue(norm, out Task? task)) Tasks.Add(norm, task = new(norm, 1, 0));
        return task;
    }

    private static (Observation[] Seen, int Standing) Attack(
        string attack, Norm norm, float scale, float shift)
    {
        var task = new Task(norm, scale, shift);
        using var model = new ManagedGradientModel(task.Network, 1);
        RobustnessResult result = Robustness.Run(
            AttackCatalogue.Get(attack), AttackTarget.WhiteBox(new FloatClassifier(model, "net")),
            task.Images, new(norm, new(task.Epsilon)));
        return ([.. Observation.Of(result)], result.Judges[0].RobustRight);
    }

    /// <summary>
    /// No wall of [0, 1] is in reach: an image stands where every rival is further behind than
    /// epsilon times the dual norm of the difference of weights.
    /// </summary>
    private sealed class Task
    {
        public Task(Norm norm, float scale, float shift)
        {
            var random = new KeyedRandom(9, RandomPurpose.AttackStart, 0);
            float[] weight = new float[Classes * Features], bias = new float[Classes];
            for (int i = 0; i < weight.Length; i++) weight[i] = random.NextFloat(-1, 1);
            for (int c = 0; c < Classes; c++)
                bias[c] = -0.5f * weight.AsSpan(c * Features, Features).ToArray().Sum();
            double Dual(int a, int b)
            {
                double[] apart =
                [
                    .. Enumerable.Range(0, Features).Select(i =>
                        (double)Math.Abs(weight[(a * Features) + i] - weight[(b * Features) + i])),
                ];
                return norm switch
                {
                    Norm.Linf => apart.Sum(),
                    Norm.L2 => Math.Sqrt(apart.Sum(v => v * v)),
                    _ => apart.Max(),
                };
            }

            Epsilon = norm switch { Norm.Linf => 0.03, Norm.L2 => 0.15, _ => 0.4 };
            List<float> pixels = [];
            List<int> labels = [];
            while (labels.Count < Count)
            {
                float[] image = new float[Features];
                for (int i = 0; i < Features; i++) image[i] = random.NextFloat(0.45f, 0.55f);
                for (int i = 0; i < Features; i++) image[i] += random.NextFloat(-0.04f, 0.04f);
                double[] z = [.. Enumerable.Range(0, Classes).Select(c => bias[c]
                    + Enumerable.Range(0, Features).Sum(
                        i => (double)weight[(c * Features) + i] * image[i]))];
                int label = Array.IndexOf(z, z.Max());
                double room = Enumerable.Range(0, Classes).Where(c => c != label)
                    .Min(c => (z[label] - z[c]) / Dual(label, c));

                // Nearer than this single steps and random starts are a matter of luck.
                if (room < 0.05 * Epsilon || Math.Abs((room / Epsilon) - 1) < 0.15) continue;
                pixels.AddRange(image);
                labels.Add(label);
                if (room > Epsilon) Standing++;
            }

            Network = Fixtures.Linear(
                [.. weight.Select(w => w * scale)], [.. bias.Select(b => (b * scale) + shift)]);
            Images = new(Network.Input, [.. pixels], [.. labels]);
        }

        public FloatNetwork Network { get; }

        public LabelledImages Images { get; }

        public double Epsilon { get; }

        /// <summary>Images that no change within epsilon breaks.</summary>
        public int Standing { get; }
    }
}
