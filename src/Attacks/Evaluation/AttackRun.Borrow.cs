using System.Collections.Concurrent;
using QSim.Attacks.Methods;

namespace QSim.Attacks.Evaluation;

/// <content>Images that a weaker attacker makes, on the float network behind the source.</content>
public sealed partial class AttackRun
{
    /// <summary>
    /// Puts the images that an attack makes on the stand-in into the current ones, as the weaker
    /// attacker who has nothing else would: the same as under threat model transfer.
    /// </summary>
    /// <param name="attack">The attack.</param>
    /// <returns>False where there is no stand-in; nothing is done then.</returns>
    public bool Borrow(IAttack attack) =>
        _target.StandIn is { } standIn
        && Borrow(attack, AttackTarget.Transfer(standIn, standIn));

    /// <summary>
    /// Puts the images with which this very attack breaks the stand-in into the current ones.
    /// </summary>
    /// <returns>False where there is no stand-in; nothing is done then.</returns>
    public bool BorrowOwn() =>
        _target.StandIn is { } standIn && Borrow(_attack, AttackTarget.WhiteBox(standIn));

    private bool Borrow(IAttack attack, AttackTarget on)
    {
        ConcurrentDictionary<long, BorrowedImage> made = _borrowed.Of(attack, Budget, _seed);
        bool[] missing = new bool[Count];
        foreach (int slot in _active) missing[slot] = !made.ContainsKey(FirstIndex + slot);
        if (missing.Contains(true)) Make(attack, on, missing, made);
        foreach (int slot in _active)
        {
            BorrowedImage image = made[FirstIndex + slot];
            image.Pixels.CopyTo(Current(slot));
            _records.Queries[slot] += image.Queries;
            _records.Gradients[slot] += image.Gradients;
        }

        return true;
    }

    /// <summary>Lets an attack make some of the images.</summary>
    private void Make(
        IAttack attack, AttackTarget on, bool[] wanted,
        ConcurrentDictionary<long, BorrowedImage> made)
    {
        var other = new AttackRun(attack, on, _images, Budget, _seed, _borrowed, _cancellation);
        float[] kept = new float[_images.Pixels.Length];
        other.Carry(wanted, 1, kept);
        for (int slot = 0; slot < Count; slot++)
            if (wanted[slot])
                made[FirstIndex + slot] = new(
                    kept[(slot * ImageLength)..((slot + 1) * ImageLength)],
                    other._records.Queries[slot], other._records.Gradients[slot]);
    }
}
