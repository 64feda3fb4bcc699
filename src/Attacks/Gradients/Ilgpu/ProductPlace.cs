namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// What one thread of a product kernel works on. The images of a block run along its 32 lanes.
/// </summary>
/// <param name="Tile">Which filters: group * tiles of a group + tile.</param>
/// <param name="Filter">The first of them, in its group.</param>
/// <param name="Row">First output row.</param>
/// <param name="Column">First output column.</param>
/// <param name="From">Where the block and the group begin in the input, at the lane.</param>
/// <param name="To">Where the first output is.</param>
internal readonly record struct ProductPlace(
    int Tile, int Filter, int Row, int Column, int From, int To)
{
    /// <summary>The place of a thread.</summary>
    /// <param name="index">Its index.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="columns">Columns of a thread.</param>
    /// <param name="filters">Filters of a thread.</param>
    /// <param name="rows">Rows of a thread.</param>
    public static ProductPlace Of(
        int index, ProductShape shape, int columns, int filters, int rows = 1)
    {
        int lane = index % ImageBlocks.Lanes;
        int rest = index / ImageBlocks.Lanes;
        int columnTiles = (shape.ToColumns + columns - 1) / columns;
        int filterTiles = (shape.Filters + filters - 1) / filters;
        int column = rest % columnTiles * columns;
        rest /= columnTiles;
        int rowTiles = (shape.ToRows + rows - 1) / rows;
        int row = rest % rowTiles * rows;
        rest /= rowTiles;
        int tile = rest % (filterTiles * shape.Groups);
        int block = rest / (filterTiles * shape.Groups);
        int group = tile / filterTiles;
        int filter = tile % filterTiles * filters;
        int from = (block * shape.FromBlock) + (group * shape.Depth * shape.FromChannel) + lane;
        int to = (block * shape.ToBlock)
            + (((group * shape.Filters) + filter) * shape.ToChannel)
            + (row * shape.ToRow) + (column * shape.ToColumn) + lane;
        return new(tile, filter, row, column, from, to);
    }
}
