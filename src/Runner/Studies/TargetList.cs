using QSim.Attacks.Evaluation;
using QSim.Simulator.Networks;

namespace QSim.Runner.Studies;

/// <summary>
/// The targets of one seed as classifiers, and what they make of the clean images: asked once,
/// whatever the number of attacks, threat models and budgets.
/// </summary>
/// <param name="inputs">The study.</param>
/// <param name="trained">Its networks.</param>
/// <param name="hardware">Its hardware.</param>
internal sealed class TargetList(StudyInputs inputs, NetworkList trained, HardwareList hardware)
{
    private readonly FloatClassifier _network = new(trained.Float.Model, AccuracyCell.FloatTarget);

    private readonly Dictionary<string, HardwareClassifier> _hardware = hardware.All.ToDictionary(
        h => h.Profile,
        h => new HardwareClassifier(h.Simulation, h.Profile, trained.Of(h.Profile).Model));

    private CleanVerdicts? _clean;
    private HardwareClassifier? _asked;

    /// <summary>The test images.</summary>
    public LabelledImages Images { get; } =
        new(inputs.Data.Test.Shape, inputs.Data.Test.Pixels, inputs.Data.Test.Labels);

    /// <summary>What they make of these.</summary>
    public CleanVerdicts Clean => _clean ??= new(Images);

    /// <summary>
    /// A target by name; the float network where no hardware is called so. The hardware that was
    /// asked for before lets go of its memory: that of one is held, however many there are.
    /// </summary>
    public IDifferentiableClassifier Find(string target)
    {
        if (!_hardware.TryGetValue(target, out HardwareClassifier? found)) return _network;
        if (_asked != found) _asked?.Release();
        return _asked = found;
    }

    /// <summary>The SHA-256 of the parameters of a target's network.</summary>
    public string NetworkSha256(string target) => trained.Of(target).Report.Sha256;

    /// <summary>The network that a target was made from.</summary>
    public FloatNetwork NetworkOf(string target) => trained.Of(target).Network;
}
