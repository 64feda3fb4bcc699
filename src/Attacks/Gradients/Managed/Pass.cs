using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// One call's arguments, pinned, and how a thread works off a block of its images.
/// </summary>
/// <remarks>
/// Needs what ManagedGradientModel pinned and looked at, and a workspace of the same network.
/// </remarks>
internal sealed unsafe class Pass
{
    private readonly FloatNetwork _network;
    private readonly LayerKernel[] _kernels;
    private readonly bool[] _runs;
    private readonly bool[] _needed;
    private readonly bool[] _live;
    private readonly bool[] _given;

    /// <summary>The layer that alone reads the images and can write their gradients.</summary>
    private readonly DenseKernel? _first;

    public Pass(FloatNetwork network, LayerKernel[] kernels)
    {
        (_network, _kernels, _live) = (network, kernels, Live(kernels));
        (_runs, _needed) = (new bool[kernels.Length], new bool[kernels.Length + 1]);
        _given = new bool[kernels.Length + 1];
        CutsNegatives = new bool[kernels.Length];
        Homes = BufferPlan.Assign(kernels, _live);
        _first = First();
        Plan([]);
    }

    /// <summary>In whose memory each tensor lies.</summary>
    public int[] Homes { get; }

    /// <summary>By layer, whether it does the work of the ReLU behind it.</summary>
    public bool[] CutsNegatives { get; }

    public float* Images;
    public float* Logits;
    public float* Losses;
    public float* ImageGradients;
    public int* Labels;
    public ILoss? Loss;
    public IActivations? Activations;

    /// <summary>
    /// By image, the layer behind which the backward pass stops at 0: of all tensors with a
    /// gradient the first is its output; -1 where the image has one. Null when nobody asks.
    /// </summary>
    public int[]? DeadLayers;

    /// <summary>Whether anybody reads a tensor's values.</summary>
    public bool IsNeeded(int tensor) => _needed[tensor];

    /// <summary>
    /// Decides which layers have to be computed; call it when <see cref="Activations"/> changes.
    /// </summary>
    /// <param name="given">The tensors of the activations.</param>
    public void Plan(IReadOnlyList<int> given)
    {
        Array.Clear(_given);
        for (int i = 0; i < given.Count; i++) _given[given[i]] = true;
        Array.Clear(_needed);
        _needed[^1] = true;
        for (int i = _kernels.Length - 1; i >= 0; i--)
        {
            LayerKernel kernel = _kernels[i];
            _needed[kernel.Output] |= kernel.BackwardReadsOutput;
            _runs[i] = _live[i] && !_given[kernel.Output] && _needed[kernel.Output];
            foreach (int input in kernel.Inputs)
                _needed[input] |= _runs[i] || kernel.BackwardReadsInput;
        }

        Array.Clear(CutsNegatives);
        for (int i = 0; i < _kernels.Length; i++)
            if (_runs[i]
                && _kernels[i] is ReluKernel { IsInPlace: true } relu
                && !_given[relu.Input]
                && _kernels[relu.Input - 1] is ProductKernel product)
                (CutsNegatives[product.Index], _runs[i]) = (true, false);
    }

    /// <summary>Forward pass of images [first, first + count).</summary>
    public void Forward(Workspace work, int first, int count)
    {
        int pixels = _network.Input.Length, classes = _network.Classes;
        ImageLanes.Gather(Images + ((nint)first * pixels), count, pixels, work.Values[0]);
        for (int i = 0; i < _kernels.Length; i++)
        {
            if (_runs[i])
                _kernels[i].Forward(work);
            if (_given[i + 1] && _needed[i + 1]) Take(work, i + 1, first, count);
        }

        ImageLanes.Scatter(work.Values[^1], count, classes, Logits + ((nint)first * classes));
    }

    /// <summary>Losses, and their gradients into the last tensor.</summary>
    public void EvaluateLoss(Workspace work, int first, int count)
    {
        int classes = _network.Classes;
        float* gradients = work.Gradients[^1];
        new Span<float>(gradients, classes * ImageLanes.Count).Clear();
        for (int i = 0; i < count; i++)
        {
            Losses[first + i] = Loss!.Evaluate(
                new ReadOnlySpan<float>(Logits + ((nint)(first + i) * classes), classes),
                Labels[first + i], work.LogitGradients);
            for (int c = 0; c < classes; c++)
                gradients[(c * ImageLanes.Count) + i] = work.LogitGradients[c];
        }
    }

    /// <summary>
    /// Backward pass; parameter gradients are added where asked for, image gradients stored.
    /// </summary>
    public void Backward(
        Workspace work, int first, int count, float* parameterGradients, int[] offsets)
    {
        int pixels = _network.Input.Length;
        for (int i = _kernels.Length - 1; i >= 0; i--)
        {
            if (!_live[i]) continue;
            NoteGradients(work, i + 1, first, count);
            if (parameterGradients is not null)
                _kernels[i].ParameterGradients(work, parameterGradients + offsets[i]);
            if (ImageGradients is not null && IsDirect(i))
                _first!.BackwardToImages(work, count, ImageGradients + ((nint)first * pixels));
            else if (ImageGradients is not null || _kernels[i].ReadsMoreThanImage)
                _kernels[i].Backward(work);
        }

        if (ImageGradients is null || IsDirect(_first?.Index)) return;
        NoteGradients(work, 0, first, count);
        ImageLanes.Scatter(
            work.Gradients[0], count, pixels, ImageGradients + ((nint)first * pixels));
    }

    /// <summary>Whether a layer writes the images' gradients past the tensors.</summary>
    private bool IsDirect(int? layer) =>
        _first is not null && _first.Index == layer && DeadLayers is null;

    /// <summary>
    /// Of images whose gradient of a tensor is not all 0, notes the layer before that tensor.
    /// </summary>
    private void NoteGradients(Workspace work, int tensor, int first, int count)
    {
        if (DeadLayers is null) return;
        if (tensor == _kernels.Length) DeadLayers.AsSpan(first, count).Fill(tensor);
        int length = _network.Shape(tensor).Length * ImageLanes.Count;
        for (int i = 0; i < count; i++)
        {
            int at = i;
            while (at < length && work.Gradients[tensor][at] == 0) at += ImageLanes.Count;
            if (at < length) DeadLayers[first + i] = tensor - 1;
        }
    }

    private DenseKernel? First()
    {
        LayerKernel[] readers = [.. _kernels.Where(
            k => _live[k.Index] && k.Inputs.Any(t => Homes[t] == 0) && Homes[k.Output] != 0)];
        return readers is [DenseKernel { CanWriteImages: true } dense] ? dense : null;
    }

    /// <summary>
    /// A tensor's given values, side by side: a few elements of all images at a time, so that they
    /// are in the nearest cache when they are put in order.
    /// </summary>
    private void Take(Workspace work, int tensor, int first, int count)
    {
        int length = _network.Shape(tensor).Length;
        float* lanes = work.Values[tensor], read = work.Taken;
        if (count < ImageLanes.Count) new Span<float>(lanes, length * ImageLanes.Count).Clear();
        for (int e = 0; e < length; e += Workspace.TakenElements)
        {
            int elements = Math.Min(Workspace.TakenElements, length - e);
            for (int i = 0; i < count; i++)
                Activations!.Read(
                    tensor, ((first + i) * length) + e,
                    new(read + (i * Workspace.TakenElements), elements));
            ImageLanes.Transpose(
                read, Workspace.TakenElements, lanes + ((nint)e * ImageLanes.Count),
                ImageLanes.Count, count, elements);
        }
    }

    /// <summary>Layers whose output reaches the logits.</summary>
    private static bool[] Live(LayerKernel[] kernels)
    {
        bool[] live = new bool[kernels.Length];
        live[^1] = true;
        for (int i = kernels.Length - 1; i >= 0; i--)
            foreach (int input in kernels[i].Inputs)
                if (live[i] && input > 0) live[input - 1] = true;
        return live;
    }
}
