using ILGPU.Runtime.CPU;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Ilgpu;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Tests.Evaluation;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Tests.Ilgpu;

/// <summary>Batches that come and go beside the steps of another.</summary>
public sealed class ClimbRoomTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly FloatNetwork Network = Fixtures.Bars.Network;
    private static readonly LabelledImages Images = Fixtures.Bars.Images.Slice(0, 40);

    private static Climb Climb => new(
        CrossEntropyLoss.Instance, 2, 0.1f, new(Norm.Linf, new(0.3)), StopsAtFooled: false);

    /// <summary>Whoever makes steps holds the session meanwhile.</summary>
    [Fact]
    public void BringAndTake_DoNotWaitForTheSession()
    {
        DeviceSession session = Open("ilgpu-cpu:rooms");
        ClimbRoom room;
        int count = Images.Count;
        lock (session) room = new(session, Images.Shape.Length, Network.Classes, count, count);
        ClimbImages images = Start();
        float[] before = [.. images.Pixels];
        var way = new Thread(() =>
        {
            session.Beside(() => room.Bring(images, null, 0, Images.Count));
            images.Pixels.AsSpan().Clear();
            session.Beside(() => room.Take(images, 0, Images.Count));
        });
        lock (session)
        {
            way.Start();
            Assert.True(way.Join(Patience));
        }

        Assert.Equal(before, images.Pixels);
        lock (session) room.Dispose();
    }

    /// <summary>
    /// Where the host works the bounds out, a batch that was brought is a batch within them.
    /// </summary>
    [Fact]
    public async Task Make_BesideTheStepsOfAnother_BringsItsImages()
    {
        DeviceSession session = Open("ilgpu-cpu:beside", doubles: false);
        using var model = new IlgpuGradientModel(Network, "ilgpu", session, 1);
        ClimbImages expected = Start(), images = Start();
        Make(model, expected);
        images.Pixels.AsSpan().Fill(9);
        Task other;
        lock (session)
        {
            other = Task.Run(() => Make(model, images));
            Assert.True(SpinWait.SpinUntil(() => images.Pixels.Max() <= 1, Patience));
            Assert.False(other.IsCompleted);
        }

        await other;
        Assert.NotEqual(9, images.Pixels.Max());
    }

    /// <summary>A third that comes while two are under way waits for a room of theirs.</summary>
    [Fact]
    public void Make_ManyAtOnce_GivesWhatEachGivesAlone()
    {
        using var model = new IlgpuGradientModel(Network, "ilgpu", Open("ilgpu-cpu:many"), 1);
        int[] sizes = [3, 40, 33, 1, 40, 17];
        ClimbImages[] alone = [.. sizes.Select(Start)], together = [.. sizes.Select(Start)];
        foreach (ClimbImages images in alone) Make(model, images);
        Parallel.ForEach(
            together, new() { MaxDegreeOfParallelism = 4 }, images => Make(model, images));
        for (int i = 0; i < sizes.Length; i++)
        {
            Assert.Equal(alone[i].Pixels, together[i].Pixels);
            Assert.Equal(alone[i].Logits, together[i].Logits);
            Assert.Equal(alone[i].Questions, together[i].Questions);
        }
    }

    /// <summary>The room of a batch that was given up is good for the next.</summary>
    [Fact]
    public void Make_AfterOneThatWasCancelled_GivesTheSame()
    {
        using var model = new IlgpuGradientModel(Network, "ilgpu", Open("ilgpu-cpu:given-up"), 1);
        ClimbImages expected = Start(), images = Start();
        Make(model, expected);
        for (int i = 0; i < 3; i++)
            Assert.Throws<OperationCanceledException>(() =>
                model.Make(Climb, Start(), null, new(canceled: true)));
        Make(model, images);
        Assert.Equal(expected.Pixels, images.Pixels);
    }

    private static void Make(IlgpuGradientModel model, ClimbImages images) =>
        model.Make(Climb, images, hardware: null, CancellationToken.None);

    private static DeviceSession Open(string name, bool doubles = true) => new IlgpuBackend(
        name, CPUDevice.Default, new(Specializes: false) { AllowsDoubles = doubles }).Open();

    private static ClimbImages Start(int count) => Start(Images.Slice(0, count));

    private static ClimbImages Start() => Start(Images);

    private static ClimbImages Start(LabelledImages some) => new(
        [.. some.Pixels], some.Pixels, some.Labels, new float[some.Count * Network.Classes]);
}
