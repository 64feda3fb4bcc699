using QSim.Kernels.Datapath;

namespace QSim.Certificates.Checking;

/// <summary>Where the values of windows are.</summary>
internal static class CheckedWindow
{
    /// <summary>
    /// Of one output, in the order in which weights are stored; -1 for padding.
    /// </summary>
    public static int[] Places(
        WindowGeometry window, TensorShape from, TensorShape to, int output)
    {
        int channel = output / to.Positions, row = output % to.Positions / to.Columns,
            column = output % to.Columns;
        int perGroup = from.Channels / window.Groups;
        int first = channel / (to.Channels / window.Groups) * perGroup;
        var places = new List<int>();
        for (int c = first; c < first + perGroup; c++)
        {
            for (int kr = 0; kr < window.KernelRows; kr++)
            {
                for (int kc = 0; kc < window.KernelColumns; kc++)
                {
                    int r = window.InputRow(row, kr), k = window.InputColumn(column, kc);
                    bool inside = r >= 0 && r < from.Rows && k >= 0 && k < from.Columns;
                    places.Add(inside ? (((c * from.Rows) + r) * from.Columns) + k : -1);
                }
            }
        }

        return [.. places];
    }

    /// <summary>Of one output of a pool, each channel by itself, padding left out.</summary>
    public static int[] OfPool(
        WindowGeometry window, TensorShape from, TensorShape to, int output) =>
    [
        .. Places(window with { Groups = from.Channels }, from, to, output).Where(p => p >= 0),
    ];
}
