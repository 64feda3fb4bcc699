using System.Collections.Immutable;
using System.Numerics.Tensors;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Attacks.Gradients.Training;

/// <summary>
/// Quantization-aware training: the forward pass computes with the parameters that a datapath's
/// formats hold and, where asked for, with its activations. Gradients go straight through to the
/// master copy (Bengio, Leonard and Courville 2013); those of activations stop where a value leaves
/// its format's range.
/// </summary>
/// <remarks>
/// Calibrated scales are chosen as after training, once per epoch. Products, accumulators and
/// biases without a format of their own are exact here: the hardware may still do worse. What
/// training leaves in the network is what the forward pass saw, so that quantizing it again changes
/// nothing.
/// </remarks>
internal sealed class QuantizedPass : IForwardPass, IDisposable
{
    private readonly FloatNetwork _network;
    private readonly Datapath _datapath;
    private readonly ReadOnlyMemory<float> _calibrationImages;
    private readonly Func<FloatNetwork, ITrainableModel> _create;
    private ImmutableArray<FakeParameter?> _parameters;
    private ITrainableModel _model;

    /// <summary>A pass over a network.</summary>
    /// <param name="network">Its parameter arrays are changed.</param>
    /// <param name="datapath">The hardware.</param>
    /// <param name="calibrationImages">
    /// What scales of activations are chosen from; empty leaves these exact.
    /// </param>
    /// <param name="create">Makes an engine on a network.</param>
    public QuantizedPass(
        FloatNetwork network, Datapath datapath, ReadOnlyMemory<float> calibrationImages,
        Func<FloatNetwork, ITrainableModel> create)
    {
        (_network, _datapath, _calibrationImages, _create) = (
            network, datapath, calibrationImages, create);
        _parameters = FakeQuantization.Parameters(network, datapath);
        _model = create(network);
    }

    /// <inheritdoc/>
    public ITrainableModel Model => _model;

    /// <inheritdoc/>
    public void Calibrate(ReadOnlySpan<float> master)
    {
        FlatParameters.CopyTo(master, _network);
        _parameters = FakeQuantization.Parameters(_network, _datapath);
        Quantize(master);
        if (_calibrationImages.IsEmpty)
        {
            _model.Refresh();
            return;
        }

        _model.Dispose();
        _model = _create(FakeQuantization.Insert(_network, FakeQuantization.Activations(
            _network, _datapath, CalibrationSet.Collect(_network, _calibrationImages))));
    }

    /// <inheritdoc/>
    public void Load(ReadOnlySpan<float> master)
    {
        Quantize(master);
        _model.Refresh();
    }

    /// <inheritdoc/>
    public void Constrain(Span<float> master)
    {
        int offset = 0;
        foreach ((float[] array, FakeParameter? format) in Arrays())
        {
            Span<float> own = master.Slice(offset, array.Length);
            offset += array.Length;
            if (format is not { IsFixed: true, Channels: [var quantizer] }) continue;
            TensorPrimitives.Max(own, (float)quantizer.Low, own);
            TensorPrimitives.Min(own, (float)quantizer.High, own);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    private void Quantize(ReadOnlySpan<float> master)
    {
        int offset = 0;
        foreach ((float[] array, FakeParameter? format) in Arrays())
        {
            ReadOnlySpan<float> own = master.Slice(offset, array.Length);
            offset += array.Length;
            if (format is null) own.CopyTo(array);
            else format.Apply(own, array);
        }
    }

    private IEnumerable<(float[] Array, FakeParameter? Format)> Arrays() =>
        _network.Layers.SelectMany(l => l.Parameters).Zip(_parameters);
}
