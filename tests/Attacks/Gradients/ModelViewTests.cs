using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Tests.Gradients;

/// <summary>Views of a managed model, asked at the same time.</summary>
public class ModelViewTests
{
    private const int Count = 21;

    [Theory]
    [InlineData("mlp")]
    [InlineData("two_convs")]
    [InlineData("fan_out")]
    public async Task Views_AskedAtOnce_GiveTheModelsBits(string name)
    {
        FloatNetwork network = TestNetworks.Create(name);
        float[] images = TestNetworks.Images(network, Count);
        using var model = new ManagedGradientModel(network, 3);

        // For activations given, one view's layers leave their ReLUs undone; the others' do not.
        float[] given = new float[Count * network.Shape(2).Length];
        Array.Fill(given, 0.25f);
        Dictionary<int, float[]> activations = new() { [2] = given };
        float[] plain = Gradients(model, null), throughGiven = Gradients(model, activations);
        Assert.NotEqual(plain, throughGiven);
        IReadOnlyList<IGradientModel> views = model.Views;
        Assert.Equal(3, views.Count);
        using var start = new Barrier(views.Count);
        Task[] tasks = [.. views.Select((view, i) => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                for (int turn = 0; turn < 500; turn++)
                    if (i == 0) Assert.Equal(throughGiven, Gradients(view, activations));
                    else Assert.Equal(plain, Gradients(view, null));
            },
            TaskCreationOptions.LongRunning))];
        await Task.WhenAll(tasks);

        float[] Gradients(IGradientModel by, Dictionary<int, float[]>? through)
        {
            float[] gradients = new float[images.Length], losses = new float[Count];
            float[] logits = new float[Count * network.Classes];
            int[] labels = TestNetworks.Labels(network, Count);
            by.Gradients(
                images, labels, CrossEntropyLoss.Instance, gradients, losses, logits,
                through is null ? null : new FloatActivations(through));
            return [.. gradients, .. losses, .. logits];
        }
    }

    [Fact]
    public void Views_AfterRefresh_HaveTheNewParameters()
    {
        FloatNetwork network = TestNetworks.Create("mlp");
        float[] images = TestNetworks.Images(network, Count);
        using var model = new ManagedGradientModel(network, 2);
        float[] before = Logits(model.Views[1]);
        network.Layers[^1].Parameters[1][0] += 1;
        model.Refresh();
        Assert.NotEqual(before, Logits(model.Views[1]));
        Assert.Equal(Logits(model), Logits(model.Views[1]));

        float[] Logits(IGradientModel by)
        {
            float[] logits = new float[Count * network.Classes];
            by.Logits(images, Count, logits);
            return logits;
        }
    }
}
