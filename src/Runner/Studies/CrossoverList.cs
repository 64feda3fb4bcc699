using QSim.Runner.Statistics;

namespace QSim.Runner.Studies;

/// <summary>The crossovers that a set of accuracies shows.</summary>
public static class CrossoverList
{
    /// <summary>One per profile and attack, over the budgets that both the profile and the float network have.</summary>
    public static IReadOnlyList<CrossoverPoint> Of(IReadOnlyList<AccuracyCell> cells)
    {
        string[] targets = [.. cells.Select(c => c.Target).Distinct()];
        string[] attacks = [.. cells.Select(c => c.Attack).Distinct().Where(a => a != AccuracyCell.NoAttack)];
        return
        [
            .. from attack in attacks
               from target in targets
               where target != AccuracyCell.FloatTarget
               select new CrossoverPoint(target, attack, Find(cells, target, attack)),
        ];
    }

    private static double? Find(IReadOnlyList<AccuracyCell> cells, string target, string attack)
    {
        SortedList<double, double> curve = Curve(cells, target, attack);
        SortedList<double, double> reference = Curve(cells, AccuracyCell.FloatTarget, attack);
        double[] common = [.. curve.Keys.Where(reference.ContainsKey)];
        return Crossover.Find(
            common, [.. common.Select(e => curve[e])], [.. common.Select(e => reference[e])]);
    }

    private static SortedList<double, double> Curve(
        IReadOnlyList<AccuracyCell> cells, string target, string attack) => new(cells
        .Where(c => c.Target == target && (c.Attack == attack || c.Attack == AccuracyCell.NoAttack))
        .ToDictionary(c => c.EpsilonValue, c => c.Accuracy));
}
