using QSim.Attacks.Evaluation;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Tests.Checks;

/// <summary>Says every other time the class after the one it means.</summary>
internal sealed class FickleClassifier(IClassifier like) : IClassifier
{
    private bool _isOdd;

    public string Name => "fickle";

    public TensorShape Input => like.Input;

    public int Classes => like.Classes;

    public void Classify(
        ReadOnlySpan<float> images, ReadOnlySpan<long> indices, Span<float> logits,
        Span<int> classes)
    {
        like.Classify(images, indices, logits, classes);
        if (_isOdd)
            foreach (ref int c in classes) c = (c + 1) % Classes;
        _isOdd = !_isOdd;
    }
}
