using QSim.Simulator.Networks;

namespace QSim.Simulator.Quantization;

/// <summary>What becomes of a layer's output before it is a tensor.</summary>
/// <param name="Last">The last layer that does its work: a clamp, a quantizer, or itself.</param>
/// <param name="Clamp">The activation that is fused.</param>
/// <param name="By">What quantizes it; null where nothing does.</param>
internal readonly record struct GraphEnd(int Last, ClampBounds Clamp, FakeQuantizeLayer? By)
{
    /// <summary>How it is quantized; null where it is not.</summary>
    public FakeQuantizer? Quantizer => By?.Quantizer;

    /// <summary>
    /// Whether ONNX Runtime makes one operator of integers of the layer and the quantizer that is
    /// there: these stand side by side once it dropped a clamp.
    /// </summary>
    public bool IsOne => !By!.IsApart && Clamp.IsMadeUpFor(By);
}

/// <summary>The clamps and quantizers that belong to the layers before them.</summary>
internal sealed class GraphEnds
{
    private readonly FloatNetwork _network;
    private readonly List<int>[] _readers;
    private readonly Dictionary<int, int[]> _chains = [];

    public GraphEnds(FloatNetwork network)
    {
        _network = network;
        _readers = [.. Enumerable.Range(0, network.Layers.Length + 1).Select(_ => new List<int>())];
        foreach ((int index, FloatLayer layer) in network.Layers.Index())
            foreach (int input in layer.Inputs) _readers[input].Add(index);
    }

    /// <summary>
    /// The quantizer of an image: the first that reads it, behind layers that move values alone.
    /// </summary>
    /// <param name="tensor">The image, or what a normalisation makes of it.</param>
    public FakeQuantizer? FirstQuantizer(int tensor)
    {
        while (_readers[tensor] is [var only, .. var more])
        {
            FloatLayer layer = _network.Layers[only];
            if (layer is FakeQuantizeLayer { Quantizer: var quantizer })
                return more.All(r => _network.Layers[r] is FakeQuantizeLayer other
                    && other.Quantizer == quantizer) ? quantizer : null;
            if (more.Count > 0 || layer is not (FlattenLayer or RearrangeLayer)) return null;
            tensor = only + 1;
        }

        return null;
    }

    /// <summary>
    /// Whether convolutions and dense layers alone read a tensor, behind layers that move values.
    /// </summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="orNothing">Whether one that nothing reads is one, too.</param>
    public bool MeetsSums(int tensor, bool orNothing) => (orNothing || _readers[tensor].Count > 0)
        && _readers[tensor].All(r => _network.Layers[r] switch
        {
            // Factors and addends in float32 are no sums of integers.
            Conv2dLayer { Float32: not null } conv => OwnWeights.Of(conv) is not null,
            Conv2dLayer or DenseLayer => true,
            FlattenLayer or RearrangeLayer => MeetsSums(r + 1, orNothing),
            _ => false,
        });

    /// <summary>Whether quantizers alone read a tensor, behind layers that move values.</summary>
    public bool MeetsQuantizers(int tensor) => _readers[tensor].Count > 0
        && _readers[tensor].All(r => _network.Layers[r] is FakeQuantizeLayer
            || (_network.Layers[r] is FlattenLayer or RearrangeLayer && MeetsQuantizers(r + 1)));

    /// <summary>
    /// Whether a convolution or dense layer of float32 numbers reads a tensor, behind factors and
    /// layers that move values.
    /// </summary>
    public bool MeetsNumbers(int tensor) => _readers[tensor].Any(r => _network.Layers[r] switch
    {
        Conv2dLayer or DenseLayer => OwnWeights.Of(_network.Layers[r]) is null
            && FloatMac.Of(_network.Layers[r]) is not null,
        FlattenLayer or RearrangeLayer or BatchNormLayer { Float32: not null } =>
            MeetsNumbers(r + 1),
        _ => false,
    });

    /// <summary>What becomes of a layer's output.</summary>
    public GraphEnd Of(int index)
    {
        List<int> chain = [index];
        ClampBounds clamp = ClampBounds.None;
        if (Only(index) is { } next && ClampBounds.Of(_network.Layers[next]) is { } bounds)
        {
            chain.Add(next);
            clamp = bounds;
        }

        FakeQuantizeLayer? quantizer = Quantizer(chain[^1]);
        if (quantizer is not null)
        {
            chain.AddRange(_readers[chain[^1] + 1]);
        }
        else if (_network.Layers[index] is Conv2dLayer conv
            && (conv.Numbers is not null || OwnWeights.Of(conv) is not null)
            && BehindPools(chain[^1]) is { } behind)
        {
            // Rounding keeps order, and ONNX Runtime rounds ahead of a maximum.
            quantizer = behind;
        }
        else if (chain.Count > 1)
        {
            // A clamp that nothing quantizes is a layer of its own.
            (chain, clamp) = ([index], ClampBounds.None);
        }

        _chains[chain[^1]] = [.. chain];
        return new(chain[^1], clamp, quantizer);
    }

    /// <summary>The layers that one program layer stands for, by the last of them.</summary>
    public IReadOnlyList<int> Chain(int last) =>
        _chains.TryGetValue(last, out int[]? chain) ? chain : [last];

    /// <summary>
    /// The quantizer that alone reads a layer: one, or some that are the same, as ONNX Runtime's
    /// quantizer writes one for each reader (DedicatedQDQPair).
    /// </summary>
    private FakeQuantizeLayer? Quantizer(int index)
    {
        FakeQuantizeLayer?[] all =
            [.. _readers[index + 1].Select(r => _network.Layers[r] as FakeQuantizeLayer)];
        return all.Length > 0 && all.All(q => q?.Quantizer == all[0]?.Quantizer) ? all[0] : null;
    }

    /// <summary>
    /// The quantizer that alone reads what maximum pools, and layers that move values, make of a
    /// layer; null where there is no pool.
    /// </summary>
    private FakeQuantizeLayer? BehindPools(int index)
    {
        bool hasPool = false;
        while (Only(index) is { } next
            && _network.Layers[next] is MaxPool2dLayer or FlattenLayer or RearrangeLayer)
        {
            hasPool |= _network.Layers[next] is MaxPool2dLayer;
            index = next;
        }

        return hasPool ? Quantizer(index) : null;
    }

    private int? Only(int index) => _readers[index + 1] is [var only] ? only : null;
}
