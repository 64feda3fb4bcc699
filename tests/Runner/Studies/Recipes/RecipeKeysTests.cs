using QSim.Runner.Studies;
using QSim.Runner.Studies.Recipes;
using QSim.Simulator;

namespace QSim.Runner.Tests.Studies.Recipes;

public class RecipeKeysTests
{
    [Fact]
    public void Read_EveryKey_ReachesTheRecipe()
    {
        StudySettings study = Read("""
              optimizer: sgd
              learning_rate: 0.05
              momentum: 0.8
              weight_decay: 1e-4
              batch: 64
              epochs: 7
              validation: 0.1
              patience: 3
              clip: 1
              quantize: weights
              warm_start: false
              adversarial: {epsilon: 8/255, steps: 5, step: 2/255}
            """);

        Assert.Equal(7, study.Epochs);
        Assert.Equal(
            new TrainingRecipe
            {
                Optimizer = "sgd",
                LearningRate = 0.05,
                Momentum = 0.8,
                WeightDecay = 1e-4,
                Batch = 64,
                Validation = 0.1,
                Patience = 3,
                Clip = 1,
                Quantize = HardwareInTraining.Weights,
                Adversarial = new(EpsilonList.ParseOne("8/255"), 5, EpsilonList.ParseOne("2/255")),
            },
            study.Training);
    }

    [Fact]
    public void Read_NothingButQuantize_HasTheDefaults()
    {
        TrainingRecipe recipe = Read("  quantize: all\n  adversarial: {epsilon: 0.7}").Recipe;

        Assert.Equal(new TrainingRecipe(), recipe.ForFloat with { Adversarial = null });
        Assert.True(recipe is { IsPerProfile: true, WarmStart: true, Adversarial.Steps: 7 });
        Assert.Equal(0.25, recipe.Adversarial!.Step.Value, 1e-12);
    }

    [Theory]
    [InlineData(
        "  optimiser: sgd", "3:3: training.optimiser: unknown key; did you mean 'optimizer'?")]
    [InlineData("  optimizer: adagrad", "3:14: training.optimizer: 'adagrad' is not known")]
    [InlineData(
        "  momentum: 0.5",
        "3:13: training.momentum: has no effect with optimizer: adam (it needs optimizer: sgd)")]
    [InlineData(
        "  warm_start: true", "3:15: training.warm_start: has no effect with quantize: none")]
    [InlineData(
        "  quantize: activations",
        "3:13: training.quantize: 'activations' is not known (supported: none, weights, all)")]
    [InlineData(
        "  validation: 10.5",
        "3:15: training.validation: 10.5 is neither a share below 1 nor a whole number")]
    [InlineData("  patience: 3", "3:13: training.patience: has no effect without validation")]
    [InlineData(
        "  learning_rate: 0",
        "3:18: training.learning_rate: 0 is out of range (supported: above 0, at most 10)")]
    [InlineData(
        "  batch: none",
        "3:10: training.batch: 'none' is not a whole number (supported: 1..65536)")]
    [InlineData("  adversarial: {steps: 3}", "3:16: training.adversarial.epsilon: missing")]
    [InlineData(
        "  adversarial: {epsilon: 9/8}",
        "3:26: training.adversarial.epsilon: '9/8' is not a valid epsilon")]
    [InlineData(
        "  epochs: 3\nepochs: 4", "3:11: training.epochs: given beside the study's own 'epochs'")]
    public void Read_Mistake_IsReportedAtItsPlace(string training, string expected)
    {
        var e = Assert.Throws<InputException>(() => Read(training));
        Assert.Contains("study.yaml:" + expected, e.Message);
        Assert.Single(e.Errors);
    }

    private static StudySettings Read(string training)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder.File("study.yaml"), "schema: qsim/study/1\ntraining:\n" + training + "\n");
        return StudyFile.Read(folder.File("study.yaml")).Settings;
    }
}
