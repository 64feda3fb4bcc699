namespace QSim.Attacks.Gradients.Managed;

/// <summary>Which tensors share memory, and which gradients are the first to be written.</summary>
internal static class BufferPlan
{
    /// <summary>Tells the kernels, and gives the tensor in whose memory each tensor lies.</summary>
    /// <param name="kernels">The network's layers.</param>
    /// <param name="live">Which of them reach the logits.</param>
    public static int[] Assign(LayerKernel[] kernels, bool[] live)
    {
        int[] home = new int[kernels.Length + 1];
        for (int i = 0; i < kernels.Length; i++)
        {
            kernels[i].IsInPlace = MayStay(kernels, kernels[i]);
            home[i + 1] = kernels[i].IsInPlace ? home[kernels[i].Input] : i + 1;
        }

        // Gradients come from the last reader to the first: whoever is first stores, the others
        // add.
        bool[] written = new bool[home.Length];
        for (int i = kernels.Length - 1; i >= 0; i--)
        {
            LayerKernel kernel = kernels[i];
            for (int j = 0; live[i] && !kernel.IsInPlace && j < kernel.Inputs.Length; j++)
            {
                kernel.Adds[j] = written[home[kernel.Inputs[j]]];
                written[home[kernel.Inputs[j]]] = true;
            }
        }

        return home;
    }

    /// <summary>
    /// Whether nobody else needs the layer's input, neither to read nor to differentiate.
    /// </summary>
    private static bool MayStay(LayerKernel[] kernels, LayerKernel kernel)
    {
        LayerKernel? producer = kernel.Input > 0 ? kernels[kernel.Input - 1] : null;
        bool isNeeded = producer?.BackwardReadsOutput == true
            || kernels.Sum(k => k.Inputs.Count(t => t == kernel.Input)) > 1;
        return !isNeeded && (kernel is FlattenKernel
            || (kernel is ReluKernel && producer is ProductKernel or AddKernel or BatchNormKernel));
    }
}
