using ILGPU;
using ILGPU.Runtime;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// A dense layer, forward or back: blocks of images are its columns, so that it has few outputs and
/// many channels. Four warps share the channels of a tile, so that a card has four times as many
/// threads to wait for, and add up in shared memory what each has.
/// </summary>
internal static class DenseKernel
{
    /// <summary>Threads of a group, which has one tile.</summary>
    public const int Threads = Parts * Lanes;

    private const int Parts = 4;

    private const int Lanes = ImageBlocks.Lanes;
    private const int Columns = ProductKernels.Columns;

    /// <summary>Eight filters by four columns; a group is what a warp of others is.</summary>
    /// <param name="operands">What is multiplied.</param>
    /// <param name="target">Filled.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="ending">What becomes of the sums.</param>
    public static void Run(
        ProductOperands operands, Target target, ProductShape shape, Ending ending)
    {
        int lane = Group.IdxX % Lanes, part = Group.IdxX / Lanes;
        ProductPlace place = ProductPlace.Of(
            (Grid.IdxX * Lanes) + lane, shape, Columns, EightFloats.Count);
        FourSums mine = default(FourSums).Channels(
            operands, place, shape, part * shape.Depth / Parts, (part + 1) * shape.Depth / Parts);

        // [part][column][lane]
        ArrayView<EightFloats> all = SharedMemory.Allocate<EightFloats>(Parts * Columns * Lanes);
        int first = (part * Columns * Lanes) + lane;
        all[first] = mine.S0;
        all[first + Lanes] = mine.S1;
        all[first + (2 * Lanes)] = mine.S2;
        all[first + (3 * Lanes)] = mine.S3;
        Group.Barrier();

        // Each warp has one column now: there are as many of both.
        EightFloats sums = operands.Bias[place.Tile];
        for (int from = 0; from < Parts; from++)
            sums = sums.Add(all[(((from * Columns) + part) * Lanes) + lane]);
        ProductKernels.Store(
            target.From(place.To, ending), place, part, sums, shape, ending);
    }

    /// <summary><see cref="Run"/>, compiled for one layer's sizes.</summary>
    /// <param name="operands">What is multiplied.</param>
    /// <param name="target">Filled.</param>
    /// <param name="task">All but the columns.</param>
    /// <param name="columns">Blocks of images, which differ from call to call.</param>
    public static void RunCompiled(
        ProductOperands operands, Target target, SpecializedValue<ProductTask> task, int columns) =>
        Run(
            operands, target,
            task.Value.Shape with { FromColumns = columns, ToColumns = columns },
            task.Value.Ending);
}
