using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Reference;

/// <summary>What a pooling window covers.</summary>
internal static class ReferenceWindow
{
    /// <summary>The values under the window of one output element, padding left out.</summary>
    public static IEnumerable<long> Values(
        WindowGeometry window, TensorShape from, TensorShape to, long[] input, int element)
    {
        int channel = element / to.Positions;
        int position = element % to.Positions;
        for (int kernelRow = 0; kernelRow < window.KernelRows; kernelRow++)
        {
            int row = window.InputRow(position / to.Columns, kernelRow);
            if (row < 0 || row >= from.Rows) continue;
            for (int kernelColumn = 0; kernelColumn < window.KernelColumns; kernelColumn++)
            {
                int column = window.InputColumn(position % to.Columns, kernelColumn);
                if (column < 0 || column >= from.Columns) continue;
                yield return input[(((channel * from.Rows) + row) * from.Columns) + column];
            }
        }
    }
}
