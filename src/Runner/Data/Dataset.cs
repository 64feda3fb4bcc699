namespace QSim.Runner.Data;

/// <summary>Images to train on, images to test on.</summary>
/// <param name="Name">What a user calls it, as in <c>digits</c>.</param>
/// <param name="Classes">Labels are 0 to this, exclusive.</param>
/// <param name="Train">For training and calibration.</param>
/// <param name="Test">For measuring; training never sees them.</param>
/// <param name="Sha256">
/// Of the uncompressed files that it was read from, one after the other.
/// </param>
internal sealed record Dataset(
    string Name, int Classes, ImageSet Train, ImageSet Test, string Sha256)
{
    /// <summary>
    /// Whether the file had channels last: a network of features counts them in that order.
    /// </summary>
    public bool IsChannelsLast { get; init; }

    /// <summary>What classes are called, by label; empty where they have numbers alone.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <summary>
    /// What says that an image has a label from this number on, as in <c>labels.csv:12: label
    /// 77</c>; null where nobody asks it.
    /// </summary>
    public Func<int, string?> WhatSays { get; init; } = _ => null;

    /// <summary>
    /// Whether there was one set of images: scales are then chosen from the images that are tested.
    /// </summary>
    public bool IsOneSet { get; init; }
}
