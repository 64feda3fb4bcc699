using System.Collections.Concurrent;
using QSim.Attacks.Methods;

namespace QSim.Attacks.Evaluation;

/// <summary>
/// Images that attacks made on the float network, for every target that borrows them: made once
/// each, since they do not depend on who asks. Those of one budget are kept at a time.
/// </summary>
/// <remarks>For evaluations of targets with one and the same float network behind them.</remarks>
public sealed class BorrowedImages
{
    private readonly Lock _lock = new();
    private readonly Dictionary<
        (IAttack Attack, ulong Seed), ConcurrentDictionary<long, BorrowedImage>> _made = [];

    private Budget? _budget;

    /// <summary>Takes in what an attack made of the float network itself, once.</summary>
    /// <param name="attack">The attack.</param>
    /// <param name="seed">The key of its randomness.</param>
    /// <param name="result">What came of it, without restarts.</param>
    /// <param name="images">The images.</param>
    public void Add(IAttack attack, ulong seed, RobustnessResult result, LabelledImages images)
    {
        ConcurrentDictionary<long, BorrowedImage> made = Of(attack, result.Budget, seed);
        int length = images.Shape.Length;
        for (int i = 0; i < images.Count; i++)
            if (result.Images[i] is { WasAttacked: true } outcome)
                made[images.FirstIndex + i] = new(
                    result.Adversarial.AsSpan(i * length, length).ToArray(), outcome.Queries,
                    outcome.GradientQueries);
    }

    /// <summary>What an attack made under a budget, by an image's index in the dataset.</summary>
    internal ConcurrentDictionary<long, BorrowedImage> Of(IAttack attack, Budget budget, ulong seed)
    {
        lock (_lock)
        {
            if (_budget != budget) _made.Clear();
            _budget = budget;
            if (!_made.TryGetValue((attack, seed), out var images))
                _made[(attack, seed)] = images = [];
            return images;
        }
    }
}

/// <summary>An image that an attack made on the float network.</summary>
/// <param name="Pixels">The image.</param>
/// <param name="Queries">Passes that it took.</param>
/// <param name="Gradients">Gradients that it took.</param>
internal sealed record BorrowedImage(float[] Pixels, long Queries, long Gradients);
