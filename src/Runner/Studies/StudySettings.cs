using System.Text.Json.Serialization;
using QSim.Attacks.Evaluation;
using QSim.Runner.Data;
using QSim.Runner.Data.Pixels;
using QSim.Runner.Studies.Certifying;
using QSim.Runner.Studies.Costs;
using QSim.Runner.Studies.Recipes;
using QSim.Runner.Studies.Searching;
using QSim.Runner.Studies.Sweeps;

namespace QSim.Runner.Studies;

/// <summary>
/// The question that a study asks: what was trained, on what hardware, against which attacks.
/// </summary>
internal sealed record StudySettings
{
    /// <summary>For reports.</summary>
    public string Name { get; init; } = "quickstart";

    /// <summary>Name of a dataset.</summary>
    public string Dataset { get; init; } = "digits";

    /// <summary>What black and white are in the dataset's file; null for 0 and 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PixelRange? PixelRange { get; init; }

    /// <summary>
    /// Which of the network's classes each of the dataset's is: see <see cref="Data.LabelMap"/>;
    /// null where they are the same.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? LabelMap { get; init; }

    /// <summary>
    /// Where each entry of the label map stands in a study file; empty where in none.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<string> LabelMapPlaces { get; init; } = [];

    /// <summary>What is done to images before a network; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Preprocess? Preprocess { get; init; }

    /// <summary>What was done to the images, said or not.</summary>
    [JsonIgnore]
    public ImageGeometry Pictures => Preprocess?.Images ?? new();

    /// <summary>Name of a network preset.</summary>
    public string Network { get; init; } = "digits-cnn";

    /// <summary>Hardware profiles: names of shipped ones, or files.</summary>
    public IReadOnlyList<string> Profiles { get; init; } =
    ["int8-wide", "int4", "int8-acc-wrap", "int8-acc-sat"];

    /// <summary>Names of attacks.</summary>
    public IReadOnlyList<string> Attacks { get; init; } = ["fgsm", "apgd-ce-50", "ensemble"];

    /// <summary>
    /// Profile keys to vary: every profile is run at every point of their product.
    /// </summary>
    public IReadOnlyList<SweepAxis> Sweep { get; init; } = [];

    /// <summary>
    /// What is compared image by image: every profile with the <c>float</c> network, <c>all</c>
    /// pairs, or a swept key: then pairs that differ in nothing else.
    /// </summary>
    public string Compare { get; init; } = AccuracyCell.FloatTarget;

    /// <summary>
    /// What the attacker knows: the hardware itself, or less of it; one at least.
    /// </summary>
    public IReadOnlyList<ThreatModel> Threats { get; init; } = [ThreatModel.Hardware];

    /// <summary>How budgets are measured.</summary>
    public Norm Norm { get; init; } = Norm.Linf;

    /// <summary>How often an attack with random starts is made anew on images that stand.</summary>
    public int Restarts { get; init; } = 1;

    /// <summary>
    /// The largest pixel value of the integer images that an attacker can send, 255 for 8 bits;
    /// null where any value will do.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? PixelLevels { get; init; }

    /// <summary>
    /// Over how many draws hardware that rounds stochastically is attacked in expectation; null to
    /// attack the draw that it is judged by.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? EotDraws { get; init; }

    /// <summary>Whether every target's images are also judged on every target.</summary>
    public bool TransferMatrix { get; init; }

    /// <summary>Budgets under the norm, ascending; 0 is always measured.</summary>
    public IReadOnlyList<Epsilon> Epsilons { get; init; } = EpsilonList.Default(Norm.Linf);

    /// <summary>
    /// Leave out larger budgets of an attack once every accuracy is at chance: its Wilson interval
    /// reaches down to 1 / classes.
    /// </summary>
    public bool StopAtChance { get; init; } = true;

    /// <summary>
    /// The keys of every random choice, one at least; each trains a network of its own.
    /// </summary>
    public IReadOnlyList<ulong> Seeds { get; init; } = [1];

    /// <summary>The first seed.</summary>
    [JsonIgnore]
    public ulong Seed => Seeds[0];

    /// <summary>How many test images to attack, from the first that is not skipped on.</summary>
    public int Images { get; init; } = 500;

    /// <summary>Test images before the first that is attacked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int SkipImages { get; init; }

    /// <summary>How many training images calibration sees, from the first on.</summary>
    public int CalibrationImages { get; init; } = 256;

    /// <summary>Whether somebody asked for so many images, or fewer will do.</summary>
    [JsonIgnore]
    public bool IsImagesSaid { get; init; }

    /// <summary>The same of calibration images.</summary>
    [JsonIgnore]
    public bool IsCalibrationImagesSaid { get; init; }

    /// <summary>The study on the images that there are, where nobody asked for more.</summary>
    /// <param name="test">Test images.</param>
    /// <param name="training">Training images.</param>
    public StudySettings Fitted(int test, int training) => this with
    {
        Images = IsImagesSaid ? Images : Math.Clamp(test - SkipImages, 1, Images),
        CalibrationImages = IsCalibrationImagesSaid
            ? CalibrationImages
            : Math.Min(CalibrationImages, training),
    };

    /// <summary>What is to be proved; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StudyCertification? Certify { get; init; }

    /// <summary>What circuits are to be priced for; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StudyCost? Cost { get; init; }

    /// <summary>
    /// Points of accuracy that a design may lose and still count as good as another; null for the
    /// usual.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Tolerance { get; init; }

    /// <summary>The same, said or not.</summary>
    [JsonIgnore]
    public double Points => Tolerance ?? 1;

    /// <summary>What is looked for among the points of the sweep; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SearchSettings? Search { get; init; }

    /// <summary>Passes of training over the training images.</summary>
    public int Epochs { get; init; } = 60;

    /// <summary>How the network is trained; null for the way that the quickstart's is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TrainingRecipe? Training { get; init; }

    /// <summary>What an attack may do with so much.</summary>
    public Budget Budget(Epsilon epsilon) => new(Norm, epsilon) { PixelLevels = PixelLevels };

    /// <summary>The recipe, said or not.</summary>
    [JsonIgnore]
    public TrainingRecipe Recipe => Training ?? new();
}
