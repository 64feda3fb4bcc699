using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Losses;

namespace QSim.Attacks.Methods.Settings;

/// <summary>Everything that makes an attack, with nothing left to look up.</summary>
/// <param name="Name">Its name in results.</param>
/// <param name="Norm">The norm that it is meant for.</param>
/// <param name="All">By key, in one spelling; no key of the form is missing.</param>
internal sealed record AttackValues(
    string Name, Norm Norm, IReadOnlyDictionary<string, string> All)
{
    /// <summary>Starts by name.</summary>
    internal static IReadOnlyDictionary<string, StartPoint> Starts { get; } =
        new Dictionary<string, StartPoint>
        {
            ["image"] = StartPoint.Image,
            ["uniform"] = StartPoint.Uniform,
            ["bound"] = StartPoint.Bound,
            ["corner"] = StartPoint.HalfwayToCorner,
        };

    /// <summary>A whole number.</summary>
    public int Whole(string key) => (int)AttackSetting.Value(All[key], () => 1);

    /// <summary>A number.</summary>
    public double Real(string key) => AttackSetting.Value(All[key], () => Whole("steps"));

    /// <summary>What the attack climbs.</summary>
    public ILoss Loss => LossList.Find(All["loss"]);

    /// <summary>Where it starts.</summary>
    public StartPoint Start => Starts[All["start"]];
}
