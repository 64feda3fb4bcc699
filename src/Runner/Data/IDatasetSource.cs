
namespace QSim.Runner.Data;

/// <summary>A dataset that QSim knows, here or not.</summary>
internal interface IDatasetSource
{
    /// <summary>What users call it.</summary>
    string Name { get; }

    /// <summary>One line for people.</summary>
    string Description { get; }

    /// <summary>What to do when it is not here.</summary>
    string HowToGet { get; }

    /// <summary>Where it is, null when it is not here.</summary>
    string? Locate(DataFolders folders);

    /// <summary>Reads it.</summary>
    /// <exception cref="RequestException">Not here, or its files are bad.</exception>
    Dataset Load(DataFolders folders);
}
