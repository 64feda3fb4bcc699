namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>
/// An image's values as TensorFlow Lite counts them, channels last, and as QSim does.
/// </summary>
internal static class ChannelOrder
{
    /// <summary>From channels last to channels first.</summary>
    public static T[] First<T>(IReadOnlyList<T> last, int channels) =>
    [
        .. from c in Enumerable.Range(0, channels)
           from p in Enumerable.Range(0, last.Count / channels)
           select last[(p * channels) + c],
    ];

    /// <summary>From channels first to channels last.</summary>
    public static T[] Last<T>(IReadOnlyList<T> first, int channels) =>
        First(first, first.Count / channels);
}
