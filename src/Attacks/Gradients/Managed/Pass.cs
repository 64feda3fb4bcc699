using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>One call's arguments, pinned, and how a thread works off a chunk of its images.</summary>
internal sealed unsafe class Pass(FloatNetwork network, LayerKernel[] kernels)
{
    private readonly bool[] _runs = new bool[kernels.Length];
    private readonly bool[] _needed = new bool[kernels.Length + 1];
    private readonly bool[] _live = Live(kernels);

    public float* Images;
    public float* Logits;
    public float* Losses;
    public float* ImageGradients;
    public int* Labels;
    public ILoss? Loss;
    public IReadOnlyDictionary<int, float[]>? Activations;

    /// <summary>By image: see <see cref="FindDeadLayers"/>; null when nobody asks.</summary>
    public int[]? DeadLayers;

    /// <summary>Decides which layers have to be computed; call it when <see cref="Activations"/> changes.</summary>
    public void Plan()
    {
        Array.Clear(_needed);
        _needed[^1] = true;
        for (int i = kernels.Length - 1; i >= 0; i--)
        {
            LayerKernel kernel = kernels[i];
            bool given = Activations is not null && Activations.ContainsKey(kernel.Output);
            _needed[kernel.Output] |= kernel.BackwardReadsOutput;
            _runs[i] = _live[i] && ((!given && _needed[kernel.Output]) || kernel.IndexLength > 0);
            foreach (int input in kernel.Inputs) _needed[input] |= _runs[i] || kernel.BackwardReadsInput;
        }
    }

    /// <summary>Forward pass of images [first, first + count).</summary>
    public void Forward(Workspace work, int first, int count)
    {
        work.Values[0] = Images + ((nint)first * network.Input.Length);
        for (int i = 0; i < kernels.Length; i++)
        {
            if (_runs[i]) kernels[i].Forward(work, count);
            if (Activations is null || !Activations.TryGetValue(i + 1, out float[]? given)) continue;
            int length = network.Shape(i + 1).Length;
            given.AsSpan(first * length, count * length)
                .CopyTo(new Span<float>(work.Values[i + 1], count * length));
        }

        long logits = (long)count * network.Classes * sizeof(float);
        Buffer.MemoryCopy(
            work.Values[kernels.Length], Logits + ((nint)first * network.Classes), logits, logits);
    }

    /// <summary>Losses, and their gradients into the last tensor.</summary>
    public void EvaluateLoss(Workspace work, int first, int count)
    {
        int classes = network.Classes;
        for (int i = 0; i < count; i++)
        {
            Losses[first + i] = Loss!.Evaluate(
                new ReadOnlySpan<float>(Logits + ((nint)(first + i) * classes), classes),
                Labels[first + i],
                work.LogitGradients);
            work.LogitGradients.CopyTo(
                new Span<float>(work.Gradients[kernels.Length] + ((nint)i * classes), classes));
        }
    }

    /// <summary>Backward pass; parameter gradients are added where asked for, image gradients likewise.</summary>
    public void Backward(Workspace work, int first, int count, float* parameterGradients, int[] offsets)
    {
        work.Gradients[0] = ImageGradients is null ? null : ImageGradients + ((nint)first * network.Input.Length);
        int lowest = ImageGradients is null ? 1 : 0;
        for (int t = lowest; t < kernels.Length; t++)
            new Span<float>(work.Gradients[t], count * network.Shape(t).Length).Clear();
        for (int i = kernels.Length - 1; i >= 0; i--)
        {
            if (!_live[i]) continue;
            if (parameterGradients is not null)
                kernels[i].ParameterGradients(work, count, parameterGradients + offsets[i]);
            if (lowest == 0 || kernels[i].ReadsMoreThanImage) kernels[i].Backward(work, count);
        }
    }

    /// <summary>
    /// After a backward pass: the last of the first tensors with no gradient, which is the index of the layer that
    /// reads it; -1 where the image has a gradient.
    /// </summary>
    public void FindDeadLayers(Workspace work, int first, int count)
    {
        if (DeadLayers is null) return;
        for (int i = 0; i < count; i++)
        {
            int tensor = 0;
            while (tensor <= kernels.Length && !HasGradient(work, tensor, i)) tensor++;
            DeadLayers[first + i] = tensor - 1;
        }
    }

    private bool HasGradient(Workspace work, int tensor, int image)
    {
        int length = network.Shape(tensor).Length;
        return new ReadOnlySpan<float>(work.Gradients[tensor] + ((nint)image * length), length).ContainsAnyExcept(0f);
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
