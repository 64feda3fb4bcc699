using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Backends.Simd.Mac.Output;

namespace QSim.Kernels.Backends.Simd.Mac;

/// <summary>A convolution or dense layer: tile by tile gather, accumulate, requantize.</summary>
/// <remarks>
/// Needs as much scratch as <see cref="ScratchBytes"/> says, and the block's images in the
/// workspace: both are asserted. What tiles have room for is said with them, and asserted where
/// they are used.
/// </remarks>
/// <param name="shape">The layer's sizes.</param>
/// <param name="rows">Gathers inputs.</param>
/// <param name="accumulation">Accumulates them.</param>
/// <param name="output">Requantizes accumulators.</param>
/// <param name="raisesFlags">
/// Whether the accumulation raises flags when events are collected.
/// </param>
internal sealed unsafe class MacStep<TRow, TAcc>(
    MacShape shape, RowSource<TRow> rows, Accumulation<TRow, TAcc> accumulation,
    OutputStage<TAcc> output, bool raisesFlags) : Step
    where TRow : unmanaged
    where TAcc : unmanaged
{
    private const int RowBytes = 1 << 14;
    private const int ColumnStep = MacTile<TRow, TAcc>.ColumnStep;
    private readonly int _tileColumns = Math.Clamp(
        RowBytes / sizeof(TRow) / rows.Stride / ColumnStep * ColumnStep, ColumnStep,
        8 * ColumnStep);

    public override long ScratchBytes => TileBytes + rows.ScratchBytes;

    private long TileBytes =>
        RowsBytes + (AccumulatorBytes * (1 + (raisesFlags ? (int)MacFlag.Count : 0)));

    private long RowsBytes =>
        AlignedMemory.RoundUp((long)_tileColumns * rows.Stride * sizeof(TRow));

    private long AccumulatorBytes =>
        AlignedMemory.RoundUp((long)_tileColumns * accumulation.Padded * sizeof(TAcc));

    public override void Run(Workspace workspace, ImageBlock block)
    {
        Door.Needs(rows.Stride >= rows.Order.Length && rows.Order.Length >= shape.Depth);
        byte* scratch = workspace.Scratch(ScratchBytes);
        int columns = block.Images * shape.Positions;
        bool flags = raisesFlags && block.CollectEvents;
        var tile = new MacTile<TRow, TAcc>
        {
            Block = block,
            Room = _tileColumns,
            Channels = accumulation.Padded,
            Accumulators = (TAcc*)(scratch + RowsBytes),
            Flags = flags ? (TAcc*)(scratch + RowsBytes + AccumulatorBytes) : null,
        };
        void* input = rows.Prepare(
            workspace.Tensor(shape.Layer.Inputs[0], block.Images), block.Images,
            scratch + TileBytes);
        for (tile.Group = 0; tile.Group < shape.Groups; tile.Group++)
        {
            for (tile.First = 0; tile.First < columns; tile.First += _tileColumns)
            {
                tile.Columns = Math.Min(_tileColumns, columns - tile.First);
                tile.Rows = rows.Fill(input, tile.First, tile.Columns, tile.Group, (TRow*)scratch);
                accumulation.Run(tile);
                Requantize(workspace, tile);
            }
        }
    }

    private void Requantize(Workspace workspace, in MacTile<TRow, TAcc> tile) =>
        output.Run(
            workspace,
            new()
            {
                First = tile.First,
                Columns = tile.Columns,
                Group = tile.Group,
                Block = tile.Block,
                Accumulators = tile.Accumulators,
                Flags = tile.Flags,
                FlagPlane = tile.PaddedColumns * accumulation.Padded,
                Stride = accumulation.Padded,
            }
        );
}
