using System.Text.Json.Serialization;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Training;
using QSim.Runner.Data;

namespace QSim.Runner.Studies.Recipes;

/// <summary>What the forward pass of training sees of a profile.</summary>
internal enum HardwareInTraining
{
    /// <summary>
    /// Nothing: one float network is trained, and quantized for every profile afterwards.
    /// </summary>
    None,

    /// <summary>
    /// Its weights, and biases that have a format of their own: each profile has a network of its
    /// own.
    /// </summary>
    Weights,

    /// <summary>Its activations too.</summary>
    All,
}

/// <summary>Adversarial training: PGD on each batch, L-infinity.</summary>
/// <param name="Epsilon">The budget.</param>
/// <param name="Steps">Steps from a uniform start.</param>
/// <param name="Step">Length of a step.</param>
internal sealed record AdversarialRecipe(Epsilon Epsilon, int Steps, Epsilon Step);

/// <summary>
/// How a study's networks are trained, beside epochs and seeds. The float network is trained by the
/// same recipe, but for the hardware.
/// </summary>
internal sealed record TrainingRecipe
{
    /// <summary>The optimizer that keeps a running mean of squared gradients.</summary>
    public const string Adam = "adam";

    /// <summary>Stochastic gradient descent.</summary>
    public const string Sgd = "sgd";

    /// <summary>adam or sgd.</summary>
    public string Optimizer { get; init; } = Adam;

    /// <summary>Step size; null for the optimizer's own, 0.001 for adam and 0.01 for sgd.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LearningRate { get; init; }

    /// <summary>Momentum of sgd; adam has none.</summary>
    public double Momentum { get; init; }

    /// <summary>L2: this times the parameter joins its gradient.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Images per step.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>
    /// Last training images held out: a share below 1, or a number; 0 for none. The best epoch on
    /// them is kept.
    /// </summary>
    public double Validation { get; init; }

    /// <summary>
    /// Stop after so many epochs without a better one on the images held out; 0 for never.
    /// </summary>
    public int Patience { get; init; }

    /// <summary>Parameters stay in [-Clip, Clip]; null for anywhere.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Clip { get; init; }

    /// <summary>What training sees of each profile.</summary>
    public HardwareInTraining Quantize { get; init; }

    /// <summary>
    /// Whether networks for a profile start as the trained float network, not at random.
    /// </summary>
    public bool WarmStart { get; init; }

    /// <summary>Null for training on the images as they are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AdversarialRecipe? Adversarial { get; init; }

    /// <summary>How the float network is trained.</summary>
    [JsonIgnore]
    public TrainingRecipe ForFloat =>
        this with
        {
            Quantize = HardwareInTraining.None,
            WarmStart = false,
        };

    /// <summary>Whether each profile has a network of its own.</summary>
    [JsonIgnore]
    public bool IsPerProfile => Quantize != HardwareInTraining.None;

    /// <summary>Training images that are held out.</summary>
    /// <exception cref="RequestException">Nothing would be left to train on.</exception>
    public int HeldOut(ImageSet train)
    {
        int held = (int)(Validation < 1 ? Math.Ceiling(Validation * train.Count) : Validation);
        return held < train.Count
            ? held
            : throw new RequestException(
                $"training.validation {held}: there are {train.Count} training images (supported: "
                    + $"0..{train.Count - 1})");
    }

    /// <summary>The trainer's settings; each call has an optimizer of its own.</summary>
    public TrainingOptions Options(int epochs, ulong seed, ImageSet train)
    {
        int held = HeldOut(train);
        return new()
        {
            Epochs = epochs,
            BatchSize = Batch,
            Seed = seed,
            Optimizer = Optimizer == Sgd
                ? new SgdOptimizer((float)(LearningRate ?? 0.01), (float)Momentum)
                : new AdamOptimizer((float)(LearningRate ?? 0.001)),
            WeightDecay = (float)WeightDecay,
            Clip = (float)(Clip ?? double.PositiveInfinity),
            Patience = Patience,
            Adversarial = Adversarial is { } a
                ? new((float)a.Epsilon.Value, a.Steps, (float)a.Step.Value)
                : null,
            Validation = held == 0 ? null : Held(train.Slice(train.Count - held, held)),
        };
    }

    /// <summary>The same for a share of the images: what is held out is fewer, too.</summary>
    public TrainingRecipe ForShare(double share) => Validation < 1
        ? this
        : this with { Validation = Math.Floor(Validation * share) };

    private static ValidationImages Held(ImageSet images) => new(images.Pixels, images.Labels);
}
